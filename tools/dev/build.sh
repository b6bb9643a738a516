#!/bin/bash
# build: configure and compile in build/, leaving gossipd, gossipctl and gossip-sim there
source tools/dev/common.sh

need "${BUILD_PACKAGES[@]}"
build_in build

#!/bin/bash
# bench [COMPRESSOR...]: measure what it costs to encode, check and apply a message
source tools/dev/common.sh

need "${BUILD_PACKAGES[@]}"
build_in build
make -C build --no-print-directory -s -j"$(nproc)" bench-programs >&2
exec build/tests/bench/bench_codec "$@"

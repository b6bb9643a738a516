#!/bin/bash
# setup [--all]: install what building, testing and the demo need (--all: also containers, lint and coverage tools)
source tools/dev/common.sh

case ${1:-} in
"") need "${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}" ;;
--all) need "${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}" "${ALL_PACKAGES[@]}" ;;
*) die "setup knows only --all" ;;
esac

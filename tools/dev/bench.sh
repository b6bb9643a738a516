#!/bin/bash
# bench [round | COMPRESSOR...]: what a message costs to encode, expand and apply; what a round costs here and in numpy
source tools/dev/common.sh

need "${BUILD_PACKAGES[@]}"
build_in build
make -C build --no-print-directory -s -j"$(nproc)" bench-programs >&2
if [[ ${1:-} == round ]]; then
    need python3-numpy
    exec /usr/bin/python3 tests/bench/bench_round.py build/tests/bench/bench_round "${@:2}"
fi
exec build/tests/bench/bench_codec "$@"

#!/bin/bash
# bench [COMPRESSOR... | round | checkpoints | recovery]: what messages, rounds, checkpoints and a killed node's way back cost
source tools/dev/common.sh

need "${BUILD_PACKAGES[@]}"
build_in build
make -C build --no-print-directory -s -j"$(nproc)" bench-programs >&2
case ${1:-} in checkpoints | recovery) exec python3 "tests/bench/bench_$1.py" "${@:2}" ;; esac
if [[ ${1:-} == round ]]; then
    need python3-numpy
    exec /usr/bin/python3 tests/bench/bench_round.py build/tests/bench/bench_round "${@:2}"
fi
exec build/tests/bench/bench_codec "$@"

#!/bin/bash
# bench [COMPRESSOR... | round | worker | large | checkpoints | recovery]: what messages, rounds, workers, checkpoints and a killed node's way back cost
source tools/dev/common.sh

need "${BUILD_PACKAGES[@]}"
build_in build
make -C build --no-print-directory -s -j"$(nproc)" bench-programs >&2
case ${1:-} in checkpoints | recovery) exec python3 "tests/bench/bench_$1.py" "${@:2}" ;; esac
if [[ ${1:-} == round ]]; then
    need python3-numpy
    exec /usr/bin/python3 tests/bench/bench_round.py build/tests/bench/bench_round "${@:2}"
fi
if [[ ${1:-} == worker ]]; then
    need python3-numpy
    for d in 50890 1000000 11000000; do
        build/tests/bench/bench_worker $((100000000 / d + 10)) "build/tests/bench/worker_cheap $d" \
            "/usr/bin/python3 tests/bench/worker_cheap.py $d"
    done
    exit
fi
[[ ${1:-} != large ]] || BUILD=build exec bash tests/bench/bench_large.sh "${@:2}"
exec build/tests/bench/bench_codec "$@"

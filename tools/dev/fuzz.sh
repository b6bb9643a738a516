#!/bin/bash
# fuzz SECONDS [TARGET...] | --corpus [TARGET...]: feed hostile bytes to every parser and to live peers, and play new seeds, for so long
source tools/dev/common.sh

FUZZ_PACKAGES=(clang libclang-rt-14-dev unzip zip)
# The corpus as it is kept, an archive a target; the same unpacked, a folder a target; what fuzzing finds.
KEPT=tests/fuzz/corpus CORPUS=build-fuzz/corpus FOUND=build-fuzz/found
export ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1 UBSAN_OPTIONS=print_stacktrace=1

need "${BUILD_PACKAGES[@]}" "${FUZZ_PACKAGES[@]}"

# The harnesses alone; the programs are of no use under libFuzzer.
build_fuzzers() {
    CC=clang MAKE_TARGET=fuzz-programs build_in build-fuzz --enable-fuzz
    mapfile -t all < <(find build-fuzz/tests/fuzz -maxdepth 1 -name 'fuzz_*' -type f -perm -u+x -printf '%f\n' |
        sed 's/^fuzz_//' | sort)
}

# unpack TARGET: its kept corpus becomes a folder, empty if there is none yet.
unpack() {
    rm -rf "${CORPUS:?}/$1"
    mkdir -p "$CORPUS/$1" "$FOUND/$1"
    [[ ! -f $KEPT/$1.zip ]] || unzip -q "$KEPT/$1.zip" -d "$CORPUS/$1"
}

# pack FOLDER TARGET: its files become the kept corpus. The same files give the same bytes, whoever packs them and when:
# in the order of their names, of one age, and as they are, since git compresses better what is not compressed.
pack() {
    local archive=$PWD/$KEPT/$2.zip
    (
        cd "$1"
        export TZ=UTC LC_ALL=C
        find . -type f -exec chmod 644 {} + -exec touch -d 1980-01-01 {} +
        rm -f "$archive"
        find . -type f -printf '%P\n' | sort | zip -q -X -0 -@ "$archive"
    )
}

# Keeps of the seeds, the corpus and what was found what reaches different code.
merge() {
    local target kept
    rm -rf build-fuzz/seeds build-fuzz/merged
    build-fuzz/tests/fuzz/make-corpus build-fuzz/seeds
    for target in "${all[@]}"; do
        unpack "$target"
        mkdir -p "build-fuzz/merged/$target" "build-fuzz/seeds/$target"
        "build-fuzz/tests/fuzz/fuzz_$target" -set_cover_merge=1 -max_len=4096 "build-fuzz/merged/$target" "build-fuzz/seeds/$target" \
            "$CORPUS/$target" "$FOUND/$target" >"build-fuzz/$target.log" 2>&1 ||
            die "$target: a merge failed, see build-fuzz/$target.log"
        kept=$(find "build-fuzz/merged/$target" -type f | wc -l)
        pack "build-fuzz/merged/$target" "$target"
        echo "$target: $kept inputs, $(du -k --apparent-size "$KEPT/$target.zip" | cut -f1) KiB"
    done
}

# One target for so many seconds: a line of figures; 1 if it failed.
fuzz() {
    local target=$1 seconds=$2 log=build-fuzz/$1.log status=0
    unpack "$target"
    mkdir -p build-fuzz/crashes
    "build-fuzz/tests/fuzz/fuzz_$target" -max_total_time="$seconds" -max_len=4096 -timeout=20 -rss_limit_mb=1500 \
        -print_final_stats=1 -artifact_prefix="build-fuzz/crashes/$target-" "$FOUND/$target" "$CORPUS/$target" \
        >"$log" 2>&1 || status=1
    awk -v target="$target" '
        / cov: / { for (i = 1; i < NF; i++) if ($i == "cov:") edges = $(i + 1) }
        /stat::number_of_executed_units/ { executions = $2 }
        END { printf "%-18s %10d executions  %6d edges\n", target, executions, edges }' "$log"
    [[ $status -eq 0 ]] && return
    grep -E 'ERROR|SUMMARY|Assertion|runtime error' "$log" | head -5 | sed 's/^/    /'
    awk -v target="$target" '
        /Test unit written to/ { print "    again: build-fuzz/tests/fuzz/fuzz_" target " " $NF }' "$log"
    return 1
}

# Networks in virtual time, from seeds nobody has played: programs that know --seeds.
simulate() {
    local seconds=$1 program first count=20 end failed=0
    for program in build/tests/sim/test_*; do
        if [[ ! -x $program ]] || ! grep -q -- '--seeds' "$program"; then continue; fi
        first=$((RANDOM * 32768 + RANDOM + 100000))
        end=$((SECONDS + seconds))
        local played=0
        while [[ $SECONDS -lt $end ]]; do
            if ! "$program" --seeds "$first" "$count" >"build-fuzz/sim.log" 2>&1; then
                tail -n 20 build-fuzz/sim.log
                echo "    again: $program --seeds $first $count"
                failed=1
                break
            fi
            first=$((first + count)) played=$((played + count))
        done
        printf '%-18s %10d seeds\n' "$(basename "$program")" "$played"
    done
    return "$failed"
}

if [[ ${1:-} == --corpus ]]; then
    build_fuzzers
    [[ $# -eq 1 ]] || all=("${@:2}")
    merge
    exit
fi
[[ ${1:-} =~ ^[1-9][0-9]*$ ]] || die "how many seconds? ./dev fuzz SECONDS [TARGET...], or ./dev fuzz --corpus"
seconds=$1
shift
build_fuzzers
targets=("$@")
[[ $# -gt 0 ]] || targets=("${all[@]}" sim)
for target in "${targets[@]}"; do
    [[ " ${all[*]} sim " == *" $target "* ]] || die "no target '$target'; there are: ${all[*]} sim"
done
share=$((seconds / ${#targets[@]}))
[[ $share -gt 0 ]] || share=1
status=0
for target in "${targets[@]}"; do
    if [[ $target == sim ]]; then
        build_in build
        make -C build --no-print-directory -s check TESTS= >&2
        simulate "$share" || status=1
    else
        fuzz "$target" "$share" || status=1
    fi
done
found=$(find "$FOUND" -type f 2>/dev/null | wc -l)
[[ $found -eq 0 ]] || say "$found inputs in $FOUND; ./dev fuzz --corpus keeps those that reach new code in $KEPT"
exit "$status"

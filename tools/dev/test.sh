#!/bin/bash
# test [--sanitize|--thread|--valgrind] [TEST...]: run the tests (under ASan and UBSan, under TSan, under valgrind)
source tools/dev/common.sh

folder=build
options=()
chosen=()
under=() # a program that the tests run under
case ${1:-} in
--sanitize)
    folder=build-sanitize
    options=(--enable-sanitize)
    shift
    ;;
--thread) # of what has threads: the daemon (the other tests of it bound its memory, which TSan multiplies)
    folder=build-thread
    options=(--enable-sanitize=thread)
    chosen=("TESTS=tests/daemon/train.sh tests/daemon/history.sh tests/daemon/reload.sh tests/daemon/disk.sh")
    shift
    ;;
--valgrind) # what takes minutes: memory that was never written is what only valgrind sees
    need valgrind
    chosen=("TESTS=$(printf 'tests/%s ' unit/test_{noise,record,wire,wire_hostile,wire_memory,ini,network,settings,node,store} \
        unit/test_{csv,libsvm,npy,idx,codec_hostile,report,report_json} sim/test_{links,restarts})")
    under=("LOG_COMPILER=valgrind" "LOG_FLAGS=-q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite")
    export CK_TIMEOUT_MULTIPLIER=50
    shift
    ;;
esac
need "${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}"
build_in "$folder" "${options[@]}"

# Two runs in one folder would write the same logs.
exec 8>"$folder/test-lock"
flock 8
rm -f "$folder/test-count"
make -C "$folder" --no-print-directory -s -j"$(nproc)" check TESTS= >/dev/null 8>&-

[[ $# -eq 0 ]] || chosen=("TESTS=$*")
find "$folder" -name '*.trs' -delete
status=0
make -C "$folder" --no-print-directory -k -j"$(nproc)" check "${chosen[@]}" "${under[@]}" 8>&- 2>&1 |
    grep --line-buffered -E '^(PASS|FAIL|ERROR|SKIP|XFAIL|XPASS):|\*\*\*' || status=1
[[ ${PIPESTATUS[0]} -eq 0 ]] || status=1

mapfile -t results < <(find "$folder" -name '*.trs' | sort)
[[ ${#results[@]} -gt 0 ]] || die "no test ran"
for result in "${results[@]}"; do
    if grep -qE '^:test-result: (FAIL|ERROR|XPASS)' "$result"; then
        log=${result%.trs}.log
        printf '\n==== %s (last 200 lines)\n' "$log"
        tail -n 200 "$log"
    fi
done
awk -f tests/count.awk "${results[@]}" >"$folder/test-count"
cat "$folder/test-count"
grep -q '^[1-9][0-9]* passed, 0 failed' "$folder/test-count" || status=1
exit "$status"

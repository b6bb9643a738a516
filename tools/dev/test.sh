#!/bin/bash
# test [--sanitize] [TEST...]: run the tests (--sanitize: in build-sanitize/, under ASan and UBSan)
source tools/dev/common.sh

folder=build
options=()
if [[ ${1:-} == --sanitize ]]; then
    folder=build-sanitize
    options=(--enable-sanitize)
    shift
fi
need "${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}"
build_in "$folder" "${options[@]}"

# Two runs in one folder would write the same logs.
exec 8>"$folder/test-lock"
flock 8
rm -f "$folder/test-count"
make -C "$folder" --no-print-directory -s -j"$(nproc)" check TESTS= >/dev/null 8>&-

chosen=()
[[ $# -eq 0 ]] || chosen=("TESTS=$*")
find "$folder" -name '*.trs' -delete
status=0
make -C "$folder" --no-print-directory -k -j"$(nproc)" check "${chosen[@]}" 8>&- 2>&1 |
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

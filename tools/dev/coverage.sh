#!/bin/bash
# coverage: run the tests in build-coverage/, say which share of the lines they reach, by file, and fail below the floors
source tools/dev/common.sh

need "${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}" "${COVERAGE_PACKAGES[@]}"
build_in build-coverage --enable-coverage
find build-coverage -name '*.gcda' -delete
make -C build-coverage --no-print-directory -s -j"$(nproc)" check >&2
summary=build-coverage/summary.json
gcovr --root . --exclude build --exclude tests --json-summary "$summary" --txt - build-coverage

# Shares of lines: what hostile hosts and full disks reach must be tested most.
status=0
floor() {
    local least=$1 share
    shift
    share=$(jq -r --arg start "$1/" '[.files[] | select(.filename | startswith($start))] |
        100 * (map(.line_covered) | add) / (map(.line_total) | add)' "$summary")
    printf '%-12s %5.1f %% of lines, at least %s\n' "$1" "$share" "$least"
    jq -en --argjson share "$share" --argjson least "$least" '$share >= $least' >/dev/null || status=1
}
for folder in host transport exchange run rumours session wire store config; do floor 95 "lib/$folder"; done
floor 90 lib
exit "$status"

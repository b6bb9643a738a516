#!/bin/bash
# The line that sums up a run of the tests: failures, crashes and cases of the check library are all counted.
set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

# result NAME RESULT [LOG LINE...]
result() {
    printf ':test-result: %s\n:global-test-result: %s\n:recheck: no\n' "$2" "$2" >"$1.trs"
    printf '%s\n' "${@:3}" "$2 $1 (exit status: 0)" >"$1.log"
}
sums_to() {
    local said
    said=$(awk -f "$here/count.awk" ./*.trs)
    [[ $said == "$1" ]] || { echo "FAILED: '$said' where '$1' is right" && exit 1; }
    rm -f ./*.trs ./*.log
}

result a PASS
sums_to "1 passed, 0 failed"
result a PASS "Running suite(s): a" "100%: Checks: 12, Failures: 0, Errors: 0"
result b PASS
sums_to "13 passed, 0 failed"
result a FAIL "75%: Checks: 12, Failures: 2, Errors: 1" "a.c:1:F:x: Assertion failed"
result b PASS
sums_to "10 passed, 3 failed"
result a FAIL "100%: Checks: 12, Failures: 0, Errors: 0" "ERROR: LeakSanitizer: detected memory leaks"
sums_to "12 passed, 1 failed"
result a FAIL "Aborted"
result b ERROR
result c SKIP
result d PASS
sums_to "1 passed, 2 failed, 1 skipped"
result a PASS "100%: Checks: 3, Failures: 0, Errors: 0" "100%: Checks: 4, Failures: 0, Errors: 0"
sums_to "7 passed, 0 failed"

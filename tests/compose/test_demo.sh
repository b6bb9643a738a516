#!/bin/bash
# deploy/compose/demo without an engine: when it succeeds, when it does not, and that it always takes the nodes down.
set -euo pipefail

sources=${abs_top_srcdir:?is set by make check}
# The demo makes a folder beside itself, and the sources may be read-only.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/compose" "$work/bin"
cp "$sources"/deploy/compose/{demo,compose.yaml,prepare.yaml} "$work/compose"
chmod -R u+w "$work/compose"
for name in docker docker-compose; do cp "$sources/tests/compose/fake-docker" "$work/bin/$name"; done
demo=$work/compose/demo
export FAKE=$work
failures=0

fail() {
    echo "FAIL: $*"
    sed 's/^/    /' "$work/out"
    failures=$((failures + 1))
}

# status_of NODE PHASE ROUND ACCURACY: what gossipctl says of a node.
status_of() {
    printf '{"node":"%s","phase":"%s","reason":"","run":1,"round":%s,"rounds":9,"loss":0.5,"accuracy":%s,"waiting_for":[],' "$@"
    printf '"seconds":1.5,"peers":[{"name":"n001","state":"connected","rtt_ms":null}]}'
}

all_nodes() {
    local node
    printf '{"nodes": ['
    for node in 1 2 3 4 5 6 7 8; do status_of "n00$node" "done" 9 "0.83$node"; printf ','; done
    status_of "$@"
    printf ']}\n'
}

# expect CODE WHAT [ARGUMENT...]: runs the demo in the world that the files of $FAKE describe.
expect() {
    local code=0 wanted=$1 what=$2
    shift 2
    : >"$work/calls"
    PATH="$work/bin:$PATH" "$demo" "$@" >"$work/out" 2>&1 || code=$?
    [[ $code -eq $wanted ]] || fail "$what: exit code $code, not $wanted"
}

must_be_down() {
    grep -q '^docker-compose .* down --volumes' "$work/calls" || fail "$1: the nodes were not taken down"
    [[ -z $(find "$work/compose" -name 'demo-*') ]] || fail "$1: the folder of keys was left behind"
}

good_world() {
    echo "running healthy" >"$work/health"
    echo 0 >"$work/start"
    all_nodes n009 "done" 9 0.839 >"$work/status"
}

good_world
expect 0 "all is well" rounds=9
must_be_down "all is well"
grep -q 'gossipctl start rounds=9 --wait$' "$work/calls" || fail "the settings did not reach gossipctl start"
grep -q '^a table$' "$work/out" || fail "the result is not shown"

all_nodes n009 "done" 9 0.7999 >"$work/status"
expect 1 "one accuracy is too low"
must_be_down "one accuracy is too low"
all_nodes n009 "done" 8 0.839 >"$work/status"
expect 1 "a node ended at another round"
all_nodes n009 failed 9 0.839 >"$work/status"
expect 1 "a node is not done"
all_nodes n009 "done" 9 null >"$work/status"
expect 1 "a node has no accuracy"
status_of n001 "done" 9 0.839 >"$work/status"
expect 1 "nodes are missing"

good_world
echo 1 >"$work/start"
expect 1 "the run fails"
must_be_down "the run fails"
grep -q '^a log$' "$work/out" || fail "the nodes' logs are not shown after a failure"

good_world
echo "restarting unhealthy" >"$work/health"
expect 1 "a node does not start"
must_be_down "a node does not start"

good_world
{
    printf '{"nodes": ['
    for node in 1 2 3 4 5 6 7 8 9; do printf '{"node": "n00%d", "round": 9, "accuracy": 0.83%d},' $node $node; done
    printf '],\n "alone": {"accuracy": 0.3, "loss": 1}, "central": {"accuracy": 0.84, "loss": 1}}\n'
} >"$work/demo.json"
expect 0 "the accuracies are the expected ones" --expect "$work/demo.json"
all_nodes n009 "done" 9 0.83899999999999997 >"$work/status"
expect 0 "the expected accuracies, written in another way" --expect "$work/demo.json"
all_nodes n009 "done" 9 0.8391 >"$work/status"
expect 1 "an accuracy is not the expected one" --expect "$work/demo.json"
must_be_down "an accuracy is not the expected one"

good_world
expect 0 "--keep" --keep
if grep -q ' down ' "$work/calls"; then fail "--keep: the nodes were taken down"; fi
rm -rf "$work"/compose/demo-*

# An interrupted demo takes the nodes down, too.
good_world
echo hang >"$work/start"
: >"$work/calls"
PATH="$work/bin:$PATH" setsid "$demo" >"$work/out" 2>&1 &
group=$!
for _ in {1..100}; do
    if grep -q ' gossipctl start ' "$work/calls"; then break; fi
    sleep 0.1
done
kill -TERM -- "-$group"
code=0
wait "$group" || code=$?
[[ $code -eq 143 ]] || fail "interrupted: exit code $code, not 143"
must_be_down "interrupted"

expect 64 "an unknown option" --what
expect 64 "a word that is no setting" what
expect 64 "--expect without its file" --expect
expect 0 "--help" --help
[[ ! -s $work/calls ]] || fail "wrong words: something was tried"
code=0
DOCKER_HOST=unix://$work/nowhere "$demo" >"$work/out" 2>&1 || code=$?
[[ $code -eq 77 ]] || fail "no engine: exit code $code, not 77"

exit $((failures > 0))

#!/bin/sh
# Short schedules of tests/nemesis/run with real workers, which are killed and frozen, too; and one whose workers forget
# their state, which must be found. In the folder that holds the programs.
set -eu
folder=$(mktemp -d "${TMPDIR:-/tmp}/gossip-test.XXXXXX")
trap 'rm -rf "$folder"' EXIT
run=$(dirname "$0")/run
play() {
    "$run" "$@" --workers --short --network relay --build "${abs_top_builddir:-.}" --dir "$folder"
}
kills="--seed 3 --kinds kill,kill-worker,kill-both"
# shellcheck disable=SC2086 # words
for words in "--seed 4" "$kills"; do
    play $words && continue
    result=$?
    tail -n 20 "$folder"/*/net/n*/log || echo "no logs" >&2
    exit "$result"
done
result=0
# shellcheck disable=SC2086
play $kills --forget >"$folder/out" || result=$?
if [ "$result" -ne 1 ] || ! grep -q "x is not what gossip-sim comes to" "$folder/out"; then
    cat "$folder/out"
    echo "workers that forget their state were not found: exit code $result"
    exit 1
fi
echo "workers that forget their state are found"

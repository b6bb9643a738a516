#!/bin/sh
# A few short schedules of tests/nemesis/run, in the folder that holds the programs.
set -eu
folder=$(mktemp -d "${TMPDIR:-/tmp}/gossip-test.XXXXXX")
trap 'rm -rf "$folder"' EXIT
play() {
    "$(dirname "$0")/run" "$@" --short --build "${abs_top_builddir:-.}" --dir "$folder" ||
        { result=$? && tail -n 20 "$folder"/*/net/n*/log && exit "$result"; }
}
play --seeds 1 4
play --seed 7 # stops its run at once and begins another, as none of the four does

#!/bin/sh
# A few short schedules of tests/nemesis/run, in the folder that holds the programs.
set -eu
folder=$(mktemp -d "${TMPDIR:-/tmp}/gossip-test.XXXXXX")
trap 'rm -rf "$folder"' EXIT
"$(dirname "$0")/run" --seeds 1 4 --short --build "${abs_top_builddir:-.}" --dir "$folder" ||
    { result=$? && tail -n 20 "$folder"/*/net/n*/log && exit "$result"; }

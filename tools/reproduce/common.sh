#!/bin/bash
# common: what the experiments share; sourced. Given: BUILD, the folder of the programs; OUT, where results go; QUICK, set for
# one short curve without plots; SEEDS, how many data sets a curve of figures 3 and 4 is the mean of.
# shellcheck disable=SC2034 # what is set here is used there
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PUBLISHED=$HERE/data/published.csv
AUTHORS=$HERE/data/authors_code.csv
export OPENBLAS_NUM_THREADS=1 LC_ALL=C.UTF-8
program=$(cksum <"$BUILD/gossip-sim")
mkdir -p "$OUT/runs"

die() {
    printf 'reproduce: %s\n' "$*" >&2
    exit 1
}

# ---- runs ----

# simulate NAME WORD...: gossip-sim run; leaves runs/NAME.csv (its history) and runs/NAME.json (how it ended). What the same
# program has made with the same words is kept.
simulate() {
    local name=$1 run=$OUT/runs/$1
    shift
    if [[ -f $run.words && $(<"$run.words") == "$program $*" ]]; then return 0; fi
    rm -f "$run.words"
    printf '%s: gossip-sim run %s\n' "$name" "$*" >&2
    nice "$BUILD/gossip-sim" run "$@" --history "$run.csv" --json >"$run.json" 2>"$run.log" || return
    echo "$program $*" >"$run.words"
}

# must_simulate NAME WORD...: likewise, and ends the experiment if the run fails.
must_simulate() {
    simulate "$@" || { cat "$OUT/runs/$1.log" >&2 && die "the run $1 failed"; }
}

# reach LEVEL NAME...: the round in which each of these runs first has a loss of LEVEL or less, and the payload bytes sent by
# then to one neighbour, each the mean over the runs: "ROUND BYTES"; "- -" if one of them never does.
reach() {
    local level=$1 name
    shift
    for name in "$@"; do
        awk -F, -v level="$level" 'FNR > 1 && $2 <= level { print $1, $4; found = 1; exit } END { if (!found) print "- -" }' \
            "$OUT/runs/$name.csv"
    done | awk '{ if ($1 == "-") none = 1; round += $1; bytes += $2 }
        END { if (none) print "- -"; else printf "%.10g %.10g\n", round / NR, bytes / NR }'
}

# mean_curve NAME...: round, loss, consensus_error, payload_bytes, each the mean over these runs.
mean_curve() {
    (cd "$OUT/runs" && awk -F, '
        FNR > 1 { count[$1]++; for (i = 2; i <= 4; i++) sum[$1, i] += $i; if ($1 > last) last = $1 }
        END {
            print "round,loss,consensus_error,payload_bytes"
            for (t = 0; t <= last; t++) printf "%d,%.10g,%.10g,%.10g\n", t, sum[t, 2] / count[t], sum[t, 3] / count[t], sum[t, 4] / count[t]
        }' "${@/%/.csv}")
}

# ---- criteria ----

missed=0

# criterion HOLDS TEXT: HOLDS is the exit code of the check, 0 if it is met; a check that could not be made is missed.
criterion() {
    if [[ $1 == 0 ]]; then
        printf 'ok      %s\n' "$2"
    else
        printf 'MISSED  %s\n' "$2"
        missed=$((missed + 1))
    fi
}

# number EXPRESSION: its value, as awk has it.
number() { awk "BEGIN { printf \"%.10g\", $1 }"; }

# holds EXPRESSION: whether it is true, as awk has it; prints 0 if so, else 1.
holds() { awk "BEGIN { print !($1) }"; }

# within TEXT OURS REFERENCE PERCENT [SLACK]: OURS is at most PERCENT % from REFERENCE, or at most SLACK.
within() {
    local percent
    [[ $2 != - && $3 != - ]] || { criterion 1 "$1: ours $2, reference $3" && return; }
    percent=$(awk "BEGIN { printf \"%+.1f\", 100 * ($2 / $3 - 1) }")
    criterion "$(holds "$percent <= $4 && -($percent) <= $4 || ($2) - ($3) <= ${5:-0} && ($3) - ($2) <= ${5:-0}")" \
        "$1: ours $(number "$2"), reference $(number "$3") ($percent %; allowed $4 %${5:+ or $5})"
}

# finish: the end of an experiment; with 79, which no tool uses for a fault of its own, if a criterion is missed.
finish() {
    [[ $missed -eq 0 ]] && exit 0
    printf "reproduce: %s of %s's criteria missed; see above\n" "$missed" "$(basename "$0" .sh)" >&2
    exit 79
}

# ---- plots ----

# draw NAME SCRIPT [VARIABLE=VALUE...]: NAME.svg and NAME.png by a gnuplot script of this folder, which finds in `out` the
# results' folder and in `here` this one.
draw() {
    local name=$1 script=$2 format variables value
    shift 2
    variables="here='$HERE'; out='$OUT'"
    while [[ $# -gt 0 ]]; do
        value=${1#*=}
        variables+="; ${1%%=*}='${value//\'/\'\'}'" # as gnuplot quotes a quote
        shift
    done
    for format in svg png; do
        gnuplot -e "format='$format'; target='$OUT/$name.$format'; $variables" "$HERE/$script" || die "gnuplot failed on $script"
    done
    printf 'drawn: %s\n' "$OUT/$name.svg" >&2
}

#!/bin/bash
# reproduce [EXPERIMENT...]: run the paper's experiments, compare with what it published, draw the figures (--help tells more)
source tools/dev/common.sh

EXPERIMENTS=(figure3 figure4 fashion theory baselines bytes)

usage() {
    cat <<END
usage: ./dev reproduce [--dir DIR] [--seeds N] [--quick] [--record] [EXPERIMENT...]

Runs the experiments of the DeLi-CoCo paper with gossip-sim, and some settings of each with real daemons over loopback.
Leaves in DIR for each a table (EXPERIMENT.md), plots (svg and png) and in DIR/runs every curve as CSV. A run that is
there already, made by the same program with the same words, is not repeated. doc/reproduce.md tells what is compared with what.

  ${EXPERIMENTS[*]}    which (default: all)
  --dir DIR      where to (default reproduce/)
  --seeds N      data sets that a curve of figures 3 and 4 is the mean of (default 10 and 3)
  --quick        one curve of figure4, no daemons, no plots
  --record       keep the tables and plots in doc/figures, for doc/reproduce.md

Exit code 0 only if every criterion is met; each is printed with "ok" or "MISSED".
END
}

folder=reproduce
quick=
record=
seeds=
chosen=()
while [[ $# -gt 0 ]]; do
    case $1 in
    -h | --help) usage && exit 0 ;;
    --quick) quick=yes ;;
    --record) record=yes ;;
    --dir)
        [[ $# -gt 1 ]] || { usage >&2 && exit 64; }
        folder=$2
        shift
        ;;
    --dir=*) folder=${1#*=} ;;
    --seeds)
        [[ $# -gt 1 && $2 =~ ^[1-9][0-9]{0,2}$ ]] || { usage >&2 && exit 64; }
        seeds=$2
        shift
        ;;
    --seeds=*) set -- --seeds "${1#*=}" "${@:2}" && continue ;;
    *)
        [[ " ${EXPERIMENTS[*]} " == *" $1 "* ]] || { echo "reproduce: no experiment '$1'; there are: ${EXPERIMENTS[*]}" >&2 && exit 64; }
        chosen+=("$1")
        ;;
    esac
    shift
done
if [[ -n $quick ]]; then
    [[ ${#chosen[@]} -eq 0 || ${chosen[*]} == figure4 ]] || { echo "reproduce: --quick is for figure4 alone, not ${chosen[*]}" >&2 && exit 64; }
    [[ -z $record ]] || { echo "reproduce: --quick leaves nothing to --record" >&2 && exit 64; }
    chosen=(figure4)
fi
[[ ${#chosen[@]} -gt 0 ]] || chosen=("${EXPERIMENTS[@]}")
[[ $folder == /* || $folder == reproduce ]] || folder=$CALLED_FROM/$folder
[[ $folder != *,* ]] || { echo "reproduce: no comma may be in the folder's path ($folder): it separates the words of --data" >&2 && exit 64; }

need "${BUILD_PACKAGES[@]}"
if [[ -z $quick ]]; then
    need "${PLOT_PACKAGES[@]}"
    command -v gnuplot >/dev/null || die "there is no gnuplot to draw with (Debian: apt-get install gnuplot-nox); without plots: --quick"
fi
build_in build
mkdir -p "$folder"
export BUILD=$PWD/build OUT QUICK=$quick SEEDS=$seeds
OUT=$(cd "$folder" && pwd)

# The experiment has a process group of its own: who ends this ends all of it, at once, and it ends its daemons.
set -m
child=
give_up() {
    trap '' INT TERM
    [[ -z $child ]] || kill -TERM -- "-$child" 2>/dev/null || true
    [[ -z $child ]] || wait "$child" || true
    exit "$1"
}
trap 'give_up 130' INT
trap 'give_up 143' TERM
CRITERIA_MISSED=79 # as finish of tools/reproduce/common.sh says
missed=() failed=()
for experiment in "${chosen[@]}"; do
    say "reproduce: $experiment"
    [[ -n $quick ]] || rm -f "$OUT/$experiment"*.{md,svg,png} # of earlier programs: --record takes what is there
    code=0
    bash "tools/reproduce/$experiment.sh" </dev/null &
    child=$!
    wait "$child" || code=$?
    child=
    [[ $code -ne $CRITERIA_MISSED ]] || missed+=("$experiment")
    if [[ $code -ne 0 && $code -ne $CRITERIA_MISSED ]]; then
        failed+=("$experiment")
    elif [[ -n $record ]]; then
        cp "$OUT/$experiment"*.md "$OUT/$experiment"*.svg doc/figures/
    fi
done
say "the results are in $OUT"
[[ ${#missed[@]} -eq 0 ]] || say "reproduce: criteria missed in: ${missed[*]}"
[[ ${#failed[@]} -eq 0 ]] || say "reproduce: broken off: ${failed[*]}"
[[ ${#missed[@]} -eq 0 && ${#failed[@]} -eq 0 ]]

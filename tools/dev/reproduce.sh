#!/bin/bash
# reproduce [EXPERIMENT...]: run the paper's experiments, compare with what it published, draw the figures (--help tells more)
source tools/dev/common.sh

EXPERIMENTS=(figure3 figure4 fashion theory baselines bytes)

usage() {
    cat <<END
usage: ./dev reproduce [--dir DIR] [--seeds N] [--quick] [--record] [EXPERIMENT...]

Runs the experiments of the DeLi-CoCo paper with gossip-sim, and one setting of each with real daemons over loopback.
Leaves in DIR for each a table (EXPERIMENT.md), plots (svg and png) and in DIR/runs every curve as CSV. A run that is
there already, made by the same program with the same words, is not repeated. doc/reproduce.md tells what is compared with what.

  ${EXPERIMENTS[*]}    which (default: all)
  --dir DIR      where to (default reproduce/)
  --seeds N      data sets that a curve of figures 3 and 4 is the mean of (default 10 and 3)
  --quick        one curve of an experiment that has one short enough (figure4), no daemons, no plots
  --record       keep the tables and plots of what succeeded in doc/figures, for doc/reproduce.md

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
if [[ ${#chosen[@]} -eq 0 ]]; then
    chosen=("${EXPERIMENTS[@]}")
    [[ -z $quick ]] || chosen=(figure4)
fi
[[ $folder == /* || $folder == reproduce ]] || folder=$CALLED_FROM/$folder

need "${BUILD_PACKAGES[@]}"
[[ -n $quick ]] || need "${PLOT_PACKAGES[@]}"
build_in build
mkdir -p "$folder"
export BUILD=$PWD/build OUT QUICK=$quick SEEDS=$seeds
OUT=$(cd "$folder" && pwd)

missed=()
for experiment in "${chosen[@]}"; do
    say "reproduce: $experiment"
    if ! bash "tools/reproduce/$experiment.sh"; then
        missed+=("$experiment")
    elif [[ -n $record ]]; then
        cp "$OUT/$experiment"*.md "$OUT/$experiment"*.svg doc/figures/
    fi
done
say "tables and plots are in $OUT"
[[ ${#missed[@]} -eq 0 ]] || die "criteria missed or runs failed in: ${missed[*]}"

#!/bin/bash
# demo [OPTION...] [KEY=VALUE...]: train on this machine with nine daemons, none of which sees all classes (--help tells more)
source tools/dev/common.sh

usage() {
    cat <<END
usage: ./dev demo [--worker numpy|torch] [--nodes N] [--topology T] [--dir DIR] [--json] [KEY=VALUE...]

Cuts Fashion-MNIST, sorted by label, into one shard a node, starts as many gossipd on loopback and trains one softmax
regression with them. Beside it the same model is trained by gossip-sim, as many rounds with the same step size: on the
first node's shard alone, and on all rows in one place. KEY=VALUE are settings of gossipctl start.

With --worker a program computes the gradients: a perceptron of one hidden layer by numpy, or a small convolutional network by
PyTorch. In the middle of the run a daemon and another node's worker are killed. Beside it gossip-sim trains the same undisturbed,
with one gossip step a round, with momentum at each node for itself, in one place, and on one shard.

  --worker W     numpy or torch
  --nodes N      daemons (default 9)
  --topology T   ring, torus, grid, complete, ... (default torus)
  --dir DIR      configurations, keys, data, logs, histories, a plot; kept, and must not exist (default build/demo, made anew)
  --json         print {"nodes":[...],"alone":{...},"central":{...},...} and nothing else

Exit code 0 only if it trained: every node done at the same round, at least 0.80 accurate and within 0.01 of all rows in
one place; with settings of your own, every node more accurate than its shard alone would make it. With a worker: at least 0.855
(numpy) or 0.86 (torch), at most 0.01 or 0.015 below one place, and each node's x what it is without the kills, bit for bit.
END
}

nodes=9
topology=torus
worker=
folder=
json=false
settings=()
while [[ $# -gt 0 ]]; do
    case $1 in
    -h | --help) usage && exit 0 ;;
    --json) json=true ;;
    --nodes | --topology | --dir | --worker)
        [[ $# -gt 1 ]] || { usage >&2 && exit 64; }
        case $1 in --nodes) nodes=$2 ;; --topology) topology=$2 ;; --dir) folder=$2 ;; --worker) worker=$2 ;; esac
        shift
        ;;
    --nodes=*) nodes=${1#*=} ;;
    --topology=*) topology=${1#*=} ;;
    --dir=*) folder=${1#*=} ;;
    --worker=*) worker=${1#*=} ;;
    [a-z]*=*) settings+=("$1") ;;
    *) usage >&2 && exit 64 ;;
    esac
    shift
done
[[ $nodes =~ ^[1-9][0-9]{0,2}$ ]] || { echo "demo: --nodes $nodes: a number from 1 to 999 is needed" >&2 && exit 64; }

case $worker in
'') needed=() ;;
numpy | torch) needed=("python3-$worker") ;;
*) echo "demo: --worker $worker: it is numpy or torch" >&2 && exit 64 ;;
esac

need "${BUILD_PACKAGES[@]}" "${PLOT_PACKAGES[@]}" ${needed[@]+"${needed[@]}"}
build_in build
SOURCE=$PWD
BUILD=$PWD/build
export OPENBLAS_NUM_THREADS=1 # the baselines keep to one core, as each daemon does

source tools/dev/demo/network.sh
choose_folder
make_network
if [[ -n $worker ]]; then
    source "$SOURCE/tools/dev/demo/worker.sh"
    exit
fi
start_daemons

# ---- the same model in one place and on one shard, as soon as the run's settings are known ----

simulator=
simulate() {
    "$BUILD/gossip-sim" run "${same[@]}" gossip_steps=0 --nodes 1 --data "$2" --json >"$1.json" &
    simulator=$!
    wait "$simulator"
}
baselines() {
    trap '[[ -z $simulator ]] || kill "$simulator"; exit 143' TERM
    same=()
    until [[ ${#same[@]} -gt 0 ]]; do
        sleep 0.2
        mapfile -t same < <(resolved rounds eta eta_decay eta_schedule momentum objective classes l2 batch seed init)
    done
    simulate alone "train=$first/shard.npz,test=$first/test.npz,bias=yes"
    simulate central "$data"
}
baselines </dev/null >&2 {lock}>&- &
beside=$!
pids+=("$beside")

# ---- the run ----

# In the background, so that a signal to this script is acted on at once.
ctl "$first" start ${settings[@]+"${settings[@]}"} --wait >&2 {lock}>&- &
pids+=($!)
wait $! || die "the run failed; the daemons' logs are $folder/*/log"
ctl "$first" status --all --json >status.json
for picture in plot.svg plot.png; do
    "$BUILD/gossipctl" plot ./*/state/control.sock --out "$picture" \
        --title "Fashion-MNIST sorted by label, $nodes nodes, $topology" >/dev/null
done
for pid in "${pids[@]}"; do
    if [[ $pid != "$beside" ]]; then kill "$pid" 2>/dev/null || true; fi
done
say "waiting for the same model in one place"
wait "$beside" || die "gossip-sim failed; see above"

jq -n --slurpfile status status.json --slurpfile alone alone.json --slurpfile central central.json '
    def keep: {accuracy, loss};
    {nodes: [$status[0].nodes[] | {node, round, loss, accuracy, consensus_error, bytes_sent, seconds}],
     alone: ($alone[0] | keep), central: ($central[0] | keep)}' >result.json

table() {
    local row='%-22s %6s %8s %10s %11s %13s %9s\n'
    # shellcheck disable=SC2059 # one format for all rows
    printf "$row" "" round loss accuracy consensus 'bytes sent' seconds
    # shellcheck disable=SC2059
    jq -r --arg first "$first" '
        def digits(n): if . == null then "-" else . * pow(10; n) | round / pow(10; n) | tostring end;
        def percent: if . == null then "-" else "\(. * 1000 | round / 10) %" end;
        (.nodes[] | [.node, .round, (.loss | digits(4)), (.accuracy | percent), (.consensus_error | digits(4)), .bytes_sent,
            (.seconds | digits(1))]),
        (.nodes[0].round as $rounds
            | (.alone | ["shard of \($first) alone"] + [$rounds, (.loss | digits(4)), (.accuracy | percent)]),
              (.central | ["all rows in one place"] + [$rounds, (.loss | digits(4)), (.accuracy | percent)])
            | . + ["-", "-", "-"]) | @tsv' result.json |
        while IFS=$'\t' read -r -a cells; do printf "$row" "${cells[@]}"; done
}
if $json; then jq -c . result.json; else table; fi

# ---- did it train? ----

jq -e '.nodes[0].round as $round | all(.nodes[]; .phase == "done" and .round == $round)' status.json >/dev/null ||
    die "not every node is done at the same round"
if [[ ${#settings[@]} -gt 0 ]]; then
    jq -e '.alone.accuracy as $alone | (.nodes | length) as $count
        | all(.nodes[]; .accuracy and (.accuracy > $alone or $count == 1))' result.json >/dev/null ||
        die "not every node is more accurate than one shard alone"
else
    jq -e '.central.accuracy as $central | all(.nodes[]; .accuracy and ((.accuracy - $central) | fabs) <= 0.01)' \
        result.json >/dev/null || die "not every node is within 0.01 of the accuracy in one place"
    jq -e 'all(.nodes[]; .accuracy >= 0.8)' result.json >/dev/null || die "not every node is at least 0.80 accurate"
fi
say "kept in $folder: configurations, keys, data, logs, histories, plot.svg, plot.png"

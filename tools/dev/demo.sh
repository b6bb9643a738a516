#!/bin/bash
# demo [OPTION...] [KEY=VALUE...]: train on this machine with nine daemons, none of which sees all classes (--help tells more)
source tools/dev/common.sh

usage() {
    cat <<END
usage: ./dev demo [--nodes N] [--topology T] [--dir DIR] [--json] [KEY=VALUE...]

Cuts Fashion-MNIST, sorted by label, into one shard a node, starts as many gossipd on loopback and trains one softmax
regression with them. Beside it the same model is trained by gossip-sim, as many rounds with the same step size: on all
rows in one place, and on the first node's shard alone. KEY=VALUE are settings of gossipctl start.

  --nodes N      daemons (default 9)
  --topology T   ring, torus, grid, complete, ... (default torus)
  --dir DIR      configurations, keys, data, logs; kept, and must not exist (default build/demo, made anew)
  --json         print {"nodes":[...],"alone":{...},"central":{...}} and nothing else

Exit code 0 only if it trained: every node done at the same round, at least 0.80 accurate (checked with the default
settings) and within 0.01 of all rows in one place.
END
}

nodes=9
topology=torus
dir=
json=false
settings=()
while [[ $# -gt 0 ]]; do
    case $1 in
    -h | --help) usage && exit 0 ;;
    --json) json=true ;;
    --nodes | --topology | --dir)
        [[ $# -gt 1 ]] || { usage >&2 && exit 64; }
        declare "${1#--}=$2"
        shift
        ;;
    *=*) settings+=("$1") ;;
    *) usage >&2 && exit 64 ;;
    esac
    shift
done

need "${BUILD_PACKAGES[@]}"
build_in build
BUILD=$PWD/build
export OPENBLAS_NUM_THREADS=1 # the baselines keep to one core, as each daemon does

if [[ -z $dir ]]; then
    dir=build/demo
    rm -rf "$dir"
fi

# ---- the end, however it comes: every process that was started is ended ----

pids=()
finish() {
    local code=$? pid
    trap - EXIT INT TERM
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
    exit "$code"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# ---- the network ----

# A range of ports that nobody listens on, below those that the system hands out.
free_ports() {
    local base port
    while :; do
        base=$((12000 + RANDOM % 18000))
        for ((port = base; port < base + nodes; port++)); do
            if grep -qiE "^ *[0-9]+: [0-9A-F]+:$(printf %04X "$port") " /proc/net/tcp /proc/net/tcp6 2>/dev/null; then
                continue 2
            fi
        done
        echo "$base"
        return
    done
}

images=/usr/share/datasets/fashion-mnist
data=train=$images/train-images-idx3-ubyte.gz,labels=$images/train-labels-idx1-ubyte.gz
data+=,test=$images/t10k-images-idx3-ubyte.gz,testlabels=$images/t10k-labels-idx1-ubyte.gz,bias=yes

say "demo: $nodes nodes, $topology, in $dir"
"$BUILD/gossipctl" init --nodes "$nodes" --topology "$topology" --dir "$dir" --base-port "$(free_ports)" \
    --data "$data" --sort-labels >/dev/null
mapfile -t names < <(sed -n 's/^Name *= *\(n[0-9]*\).*/\1/p' "$dir/peers.conf")
for name in "${names[@]}"; do
    "$BUILD/gossipd" -c "$dir/$name/gossipd.conf" 2>"$dir/$name/log" &
    pids+=($!)
done

first=$dir/${names[0]}
ctl() { "$BUILD/gossipctl" -s "$first/state/control.sock" "$@"; }

ready() {
    local name
    for name in "${names[@]}"; do [[ -S $dir/$name/state/control.sock ]] || return 1; done
}
for ((tries = 0; tries < 600; tries++)); do
    ready && break
    for i in "${!pids[@]}"; do
        kill -0 "${pids[i]}" 2>/dev/null || { cat "$dir/${names[i]}/log" >&2 && die "gossipd of ${names[i]} ended"; }
    done
    sleep 0.1
done
ready || die "not all daemons are up after 60 s; their logs are $dir/*/log"

# ---- the same model in one place and on one shard, as soon as the run's settings are known ----

resolved() {
    ctl status --json | jq -r '.settings // {} | to_entries[] |
        select(.key | IN("rounds", "eta", "eta_decay", "objective", "classes", "l2", "batch", "seed", "init")) |
        "\(.key)=\(.value)"'
}

baselines() {
    local same=()
    until [[ ${#same[@]} -gt 0 ]]; do
        sleep 0.2
        mapfile -t same < <(resolved)
    done
    local sim=("$BUILD/gossip-sim" run "${same[@]}" compressor=none gossip_steps=1 gamma=1 --nodes 1 --topology ring --json)
    "${sim[@]}" --data "train=$first/shard.npz,test=$first/test.npz,bias=yes" >"$dir/alone.json"
    exec "${sim[@]}" --data "$data" --sort-labels >"$dir/central.json"
}
baselines &
beside=$!
pids+=("$beside")

# ---- the run ----

trained=true
if $json; then
    ctl start "${settings[@]}" --wait --json >/dev/null || trained=false
else
    ctl start "${settings[@]}" --wait || trained=false
fi
ctl status --all --json >"$dir/status.json"
$trained || die "the run failed; the daemons' logs are $dir/*/log"
$json || say "waiting for the same model in one place ..."
wait "$beside" || die "gossip-sim failed; see above"

result=$dir/result.json
jq -n --slurpfile status "$dir/status.json" --slurpfile alone "$dir/alone.json" \
    --slurpfile central "$dir/central.json" '
    def keep: {accuracy, loss};
    {nodes: [$status[0].nodes[] | {node, phase, round, loss, accuracy, consensus_error, bytes_sent, seconds}],
     alone: ($alone[0] | keep), central: ($central[0] | keep)}' >"$result"

if $json; then
    jq -c 'del(.nodes[].phase)' "$result"
else
    jq -r --arg first "${names[0]}" '
        def percent: if . then "\(. * 1000 | round / 10) %" else "-" end;
        def line($name): "  \($name + " " * (28 - ($name | length)))loss \(.loss * 10000 | round / 10000), accuracy \(.accuracy | percent)";
        "\nthe same model, as many rounds with the same step size, without gossip:",
        (.central | line("all rows in one place")), (.alone | line("the shard of \($first) alone"))' "$result"
fi

# ---- did it train? ----

jq -e '.nodes[0].round as $round | all(.nodes[]; .phase == "done" and .round == $round)' "$result" >/dev/null ||
    die "not every node is done at the same round"
jq -e '.central.accuracy as $central | all(.nodes[]; .accuracy and ((.accuracy - $central) | fabs) <= 0.01)' \
    "$result" >/dev/null ||
    die "not every node is within 0.01 of the accuracy in one place"
if [[ ${#settings[@]} -eq 0 ]]; then
    jq -e 'all(.nodes[]; .accuracy >= 0.8)' "$result" >/dev/null || die "not every node is at least 0.80 accurate"
fi

# The rest of ./dev demo --worker numpy|torch; sourced where the network is made. Each node's model is a program of
# tools/python/examples; at half of the run a daemon and a worker are killed; gossip-sim trains the same without that, and what
# stands beside it in the table. Uses what demo.sh and network.sh set.
# shellcheck shell=bash disable=SC2034,SC2154

export PYTHONPATH=$SOURCE/tools/python PYTHONDONTWRITEBYTECODE=1 OMP_NUM_THREADS=1
BATCH=64
case $worker in
numpy) model=mlp_numpy recipe=(eta=0.1 momentum=0.9 rounds=1000) least=0.855 within=0.01 ;;
torch) model=cnn_gradient recipe=(eta=0.05 momentum=0.9 eta_schedule=cosine rounds=400) least=0.86 within=0.015 ;;
esac

# worker_command SHARD [OPTION...]: what starts a worker, in a node's folder or in that of all.
worker_command() { echo "exec /usr/bin/python3 '$SOURCE/tools/python/examples/$model.py' --test ${test:-test.npz} --shard $*"; }

# use_workers: [Worker] in place of [Data].
use_workers() {
    local name
    for name in "${names[@]}"; do
        sed -i '/^\[Data\]/,$d' "$name/gossipd.conf"
        printf '[Worker]\nCommand = %s\n' "$(worker_command shard.npz --batch $BATCH)" >>"$name/gossipd.conf"
    done
}

# all_settings: those that were given, and those of the recipe that were not.
all_settings() {
    local setting
    printf '%s\n' objective=worker "${settings[@]}"
    for setting in "${recipe[@]}"; do
        [[ " ${settings[*]-}" == *" ${setting%%=*}="* ]] || echo "$setting"
    done
}

# ---- what is killed ----

round() { ctl "$1" status --json 2>/dev/null | jq '.round // 0'; }

# kill_two: the daemon of one node, which is started again as a service manager would, and the worker of another, which its
# daemon starts again. Writes killed.json.
kill_two() {
    local at middle one=$((nodes / 3)) other=$((2 * nodes / 3)) of_worker
    middle=$(($(resolved rounds | cut -d= -f2) / 2))
    while at=$(round "$first") && [[ ${at:-0} -lt $middle ]]; do sleep 0.2; done
    read -r of_worker _ <"/proc/${pids[other]}/task/${pids[other]}/children" || true # no newline ends it
    kill -9 "${pids[one]}" "$of_worker"
    wait "${pids[one]}" 2>/dev/null || true
    say "round $at: kill -9 of the daemon of ${names[one]} and of the worker of ${names[other]}"
    start_daemon "${names[one]}"
    pids[one]=${pids[-1]}
    unset 'pids[-1]'
    jq -n --argjson round "$at" --arg daemon "${names[one]}" --arg worker "${names[other]}" '$ARGS.named' >killed.json
}

# ---- the same in the simulator ----

# simulate NAME COMMAND SETTING...: into NAME.json and NAME.npy. In the background, so that a signal ends it.
simulate() {
    "$BUILD/gossip-sim" run "${same[@]}" "${@:3}" --worker "$2" --dump "$1.npy" --json >"$1.json" &
    wait $!
}

# baselines: in each step one place sees as many rows as all nodes do together.
baselines() {
    local test=$first/test.npz own="\$GOSSIPD_NODE/shard.npz --batch $BATCH" gamma mu
    mu=$(resolved momentum | cut -d= -f2)
    gamma=$(resolved gamma)
    mapfile -t same < <(resolved rounds eta eta_decay eta_schedule objective compressor seed init)
    simulate undisturbed "$(worker_command "$own")" "$(resolved momentum)" "$(resolved gossip_steps)" "$gamma" --peers peers.conf
    simulate single "$(worker_command "$own")" "$(resolved momentum)" gossip_steps=1 --peers peers.conf
    simulate ordinary "$(worker_command "$own" --momentum "$mu")" "$(resolved gossip_steps)" "$gamma" --peers peers.conf
    simulate central "$(worker_command './n*/shard.npz' --batch $((nodes * BATCH)))" "$(resolved momentum)" gossip_steps=0 --nodes 1
    simulate alone "$(worker_command "$first/shard.npz" --batch $BATCH)" "$(resolved momentum)" gossip_steps=0 --nodes 1
}

# in_background COMMAND: ends what it has started when it is ended.
in_background() {
    (
        trap 'kill $(jobs -p) 2>/dev/null; exit 143' TERM
        "$@" &
        wait $!
    ) </dev/null >&2 {lock}>&- &
    pids+=($!)
}

# ---- the run ----

use_workers
start_daemons
mapfile -t started < <(all_settings)
in_background ctl "$first" start "${started[@]}" --wait
run=$!
until [[ -n $(resolved gamma) ]]; do
    kill -0 "$run" 2>/dev/null || die "the run did not start; the daemons' logs are $folder/*/log"
    sleep 0.2
done
gossip_steps=$(resolved gossip_steps | cut -d= -f2)
in_background baselines
beside=$!
kill_two
wait "$run" || die "the run failed; the daemons' logs are $folder/*/log"
ctl "$first" status --all --json >status.json
for picture in plot.svg plot.png; do
    "$BUILD/gossipctl" plot ./*/state/control.sock --out "$picture" \
        --title "$model, Fashion-MNIST sorted by label, $nodes nodes, $topology" >/dev/null
done
for name in "${names[@]}"; do ctl "$name" dump x --out "$name/x.npy" >/dev/null; done
say "waiting for gossip-sim: the same undisturbed, with one gossip step, with ordinary momentum, in one place, on one shard"
wait "$beside" || die "gossip-sim failed; see above"

# ---- what came out ----

/usr/bin/python3 - "${names[@]}" <<'END' || die "the kills changed the result: x is not what it is without them"
import sys
import numpy as np
undisturbed = np.load("undisturbed.npy")
sys.exit(not all(np.array_equal(np.load(f"{name}/x.npy").ravel(), x) for name, x in zip(sys.argv[1:], undisturbed, strict=True)))
import sys
import numpy as np
undisturbed = np.load("undisturbed.npy")
sys.exit(not all(np.array_equal(np.load(f"{name}/x.npy").ravel(), x) for name, x in zip(sys.argv[1:], undisturbed)))
END

jq -n --slurpfile status status.json --slurpfile killed killed.json --slurpfile single single.json \
    --slurpfile ordinary ordinary.json --slurpfile central central.json --slurpfile alone alone.json '
    def ends: {worst: ([.nodes[].accuracy] | min), best: ([.nodes[].accuracy] | max)};
    {nodes: [$status[0].nodes[] | {node, phase, round, loss, accuracy, consensus_error, bytes_sent, seconds}], killed: $killed[0],
     together: ($status[0] | ends), one_gossip_step: ($single[0] | ends), ordinary_momentum: ($ordinary[0] | ends),
     central: ($central[0] | ends), alone: ($alone[0] | ends)}' >result.json

table() {
    jq -r --arg first "$first" --arg steps "$gossip_steps" --arg nodes "$nodes" '
        def wide(n): (n - length) * " " // "";
        def percent: . * 1000 | round | "\(. / 10 | floor).\(. % 10) %";
        def row(name): [name, (.worst | percent), (.best | percent)];
        ["accuracy on the test images", "worst", "best"],
        (.together | row("\($nodes) nodes, \($steps) gossip steps, two kills")),
        (.one_gossip_step | row("\($nodes) nodes, 1 gossip step")),
        (.ordinary_momentum | row("\($nodes) nodes, each a momentum of its own")),
        (.central | row("all rows in one place, as many steps")),
        (.alone | row("shard of \($first) alone"))
        | .[0] + (.[0] | wide(40)) + (.[1] | wide(9)) + .[1] + (.[2] | wide(9)) + .[2]' result.json
}
if $json; then
    jq -c . result.json
else
    table
    jq -r '"After kill -9 of the daemon of \(.daemon) and the worker of \(.worker) in round \(.round) the x of all nodes is what",
        "gossip-sim comes to without, bit for bit."' killed.json
fi

jq -e '.nodes[0].round as $round | all(.nodes[]; .phase == "done" and .round == $round)' result.json >/dev/null ||
    die "not every node is done at the same round"
if [[ ${#settings[@]} -gt 0 ]]; then
    jq -e '.together.worst > .alone.best or (.nodes | length) == 1' result.json >/dev/null ||
        die "not every node is more accurate than one shard alone"
else
    jq -e --argjson least "$least" --argjson within "$within" \
        '.together.worst >= $least and .together.worst >= .central.worst - $within' result.json >/dev/null ||
        die "a node is below $least, or more than $within below one place"
fi
say "kept in $folder: configurations, keys, data, logs, histories, x, plot.svg, plot.png"

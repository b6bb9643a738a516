#!/bin/bash
# Workers in Python beside three daemons: trained, killed with their daemons and without, to the bits that gossip-sim comes
# to with the same workers; and workers that misbehave, each with what a user needs to read.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

PYTHON=/usr/bin/python3
"$PYTHON" -c 'import numpy' 2>/dev/null || { echo "skipped: python3-numpy is not installed"; exit 77; }
export PYTHONPATH="$TESTS/../tools/python" OPENBLAS_NUM_THREADS=1
MODEL="$TESTS/daemon/worker_model.py"

make_peers 3 ring
# worker_of NAME WORD...: its configuration, with these words for the worker.
worker_of() {
    local name=$1
    shift
    sed -i '/^\[Data\]/,$d; /^\[Worker\]/,$d' "$name/gossipd.conf"
    printf '[Worker]\nCommand = NOTHING=1 %s "%s" %s\n' "$PYTHON" "$MODEL" "$*" >>"$name/gossipd.conf"
}

# network WORD...: all three anew, their workers with these words.
network() {
    local i
    for i in 1 2 3; do
        worker_of "n00$i" "$@"
        rm -rf "n00$i/state"
    done
    start_network 3
}

end_network() {
    local i
    for i in 1 2 3; do stop_node "n00$i"; done
}

# values FILE...: what stands behind the header of a .npy file.
values() {
    local file
    for file in "$@"; do tail -c +129 "$file"; done
}

# simulate FILE SETTING... -- WORD...: gossip-sim, its workers with these words.
simulate() {
    local file=$1 settings=()
    shift
    while [ "$1" != -- ]; do
        settings+=("$1")
        shift
    done
    shift
    expect 0 "$GOSSIP_SIM" run "${settings[@]}" --peers peers.conf --worker "$PYTHON '$MODEL' $*" --dump "$file"
}

# agrees FILE: the x of all nodes is what gossip-sim has left there.
agrees() {
    local i
    for i in 1 2 3; do expect 0 ctl "n00$i" dump x --out "x$i.npy"; done
    cmp <(values x1.npy x2.npy x3.npy) <(values "$1") || fail "not what gossip-sim comes to: $1"
}

run=(objective=worker rounds=60 gossip_steps=2 eta=0.5 compressor=qsgd:bits=4 checkpoint_every=5)

echo "checked"
worker_of n001 momentum=0.5 blind=1
expect 0 "$GOSSIPCTL" check n001/gossipd.conf
says "model      point: 12 parameters, float32; " out
says "no initial point of its own, a state of at most " out
says "can't evaluate" out
says "in 12 dimensions" out
expect 0 "$GOSSIPCTL" check n001/gossipd.conf --json
says '"worker":{"command":' out
says '"model":"point","dimension":12,"dtype":"float32"' out
sed -i 's/^Command = .*/Command = nosuch-program --shard x/' n001/gossipd.conf
expect 78 "$GOSSIPCTL" check n001/gossipd.conf
says "gossipd.conf: [Worker] Command = nosuch-program --shard x: ended with 127: the shell found no such command" err
sed -i 's/^Command = .*/Command = true/' n001/gossipd.conf
expect 78 "$GOSSIPCTL" check n001/gossipd.conf
says "it ended with exit code 0 before it had said what it is" err

echo "trained"
network
expect 78 ctl n001 start objective=logistic
says "n001 has no rows" err
expect 64 ctl n001 start objective=worker
says "eta=auto: no smoothness constant of objective=worker is known" err
expect 0 ctl n001 start "${run[@]}" --wait
says "3 nodes: 3 done" out
simulate sim.npy "${run[@]}" --
agrees sim.npy
expect 0 ctl n002 status --json
says '"objective":"worker:dimension=12"' out
says '"accuracy":0.5' out
says '"worker":{"phase":"ready",' out
says '"model":"point","dimension":12,"metrics":{"length_of_g":3.5,"judged":2.25}}' out
end_network

# Every way to answer, and all that shapes a step: gradients and updates, single and double, an initial point of the model's
# or each worker's own, momentum and a schedule, a gamma that is calibrated, without a word on how good x is.
echo "trained otherwise"
# trains SETTING... -- WORD...: daemons and gossip-sim agree.
trains() {
    local settings=()
    while [ "$1" != -- ]; do
        settings+=("$1")
        shift
    done
    shift
    network "$@"
    expect 0 ctl n001 start objective=worker rounds=9 eta=0.3 "${settings[@]}" --wait
    simulate other.npy objective=worker rounds=9 eta=0.3 "${settings[@]}" -- "$@"
    agrees other.npy
    end_network
}
trains momentum=0.9 eta_schedule=cosine gossip_steps=3 -- x0=3 dtype=float64 momentum=0
trains init=normal compressor=topk:fraction=0.25 -- mode=update dtype=float64
trains -- blind=1
# shellcheck disable=SC2016 # it is the shell of the worker that knows its node
trains init=worker eta_decay=0.9 -- mode=update 'x0=$(printf %d 1${GOSSIPD_NODE#n})'

# running ROUND: n001 has come to this round.
running() {
    [ "$(ctl n001 status --json | grep -oE '"round":[0-9]+' | cut -d: -f2)" -ge "$1" ]
}

# ended: the run is over at all three.
ended() {
    [ "$(ctl n001 status --all --json | grep -o '"phase":"done"' | wc -l)" -eq 3 ]
}

echo "killed: a worker, a daemon, both, all"
network pause=0.03
expect 0 ctl n001 start "${run[@]}"
wait_for 20 running 7
[ "$(ps -o comm= -p "$(worker_pid n002)")" = python3 ] || fail "the shell has not given way: $(ps -o args= -p "$(worker_pid n002)")"
kill -KILL "$(worker_pid n002)"
wait_for 5 grep -q "killed by signal 9" n002.log
expect 0 ctl n002 status
says "waiting for its own worker: killed by signal 9" out
# Which answers bring the state is the disk's affair; sooner or later one that did not is the last.
for after in 9 11 13 15 17; do
    if grep -q "goes back to its newest checkpoint" n002.log; then break; fi
    wait_for 20 running "$after"
    wait_for 20 worker_pid n002
    kill -KILL "$(worker_pid n002)"
done
wait_for 20 running 20
kill_hard "${PID_OF[n003]}"
start_node n003
wait_for 20 running 28
kill_hard "$(worker_pid n003)" "${PID_OF[n003]}" "$(worker_pid n002)"
start_node n003
wait_for 20 running 38
for i in 1 2 3; do kill_hard "$(worker_pid "n00$i")" "${PID_OF[n00$i]}"; done
start_network 3
wait_for 60 ended
agrees sim.npy
says "goes back to its newest checkpoint" n002.log
end_network

#!/bin/bash
# Workers in Python beside three daemons: trained, killed with their daemons and without, restored to the same bits; and
# workers that misbehave, each with what a user needs to read.
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
    printf '[Worker]\nCommand = %s "%s" %s\n' "$PYTHON" "$MODEL" "$*" >>"$name/gossipd.conf"
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

# worker_pid NAME: the process of its worker.
worker_pid() {
    pgrep -P "${PID_OF[$1]}"
}

# summary: x and loss of all nodes.
dump_all() {
    local i
    for i in 1 2 3; do expect 0 ctl "n00$i" dump x --out "$1$i.npy"; done
}

same() {
    local i
    for i in 1 2 3; do cmp "$1$i.npy" "$2$i.npy" || fail "n00$i came to other bits: $1 and $2"; done
}

run=(objective=worker rounds=60 gossip_steps=2 eta=0.5 compressor=qsgd:bits=4 checkpoint_every=5)

echo "trained"
network
expect 78 ctl n001 start objective=logistic
says "n001 has no rows" err
expect 64 ctl n001 start objective=worker
says "eta=auto: no smoothness constant of objective=worker is known" err
expect 0 ctl n001 start "${run[@]}" --wait
says "3 nodes: 3 done" out
dump_all undisturbed
expect 0 ctl n002 status --json
says '"objective":"worker:dimension=12"' out
says '"accuracy":0.5' out
end_network

echo "without a word on how good x is"
network blind=1
expect 0 ctl n001 start "${run[@]}" --wait
says "3 nodes: 3 done" out
dump_all blind
same undisturbed blind
end_network

# kill_hard PID...: as kill -9, until they are gone.
kill_hard() {
    local pid
    kill -KILL "$@"
    for pid in "$@"; do
        while kill -0 "$pid" 2>/dev/null; do
            wait "$pid" 2>/dev/null || true
            sleep 0.02
        done
    done
}

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
kill -KILL "$(worker_pid n002)"
wait_for 5 grep -q "killed by signal 9" n002.log
expect 0 ctl n002 status
says "waiting for its own worker: killed by signal 9" out
wait_for 20 running 16
kill_hard "${PID_OF[n003]}"
start_node n003
wait_for 20 running 28
kill_hard "$(worker_pid n003)" "${PID_OF[n003]}" "$(worker_pid n002)"
start_node n003
wait_for 20 running 38
for i in 1 2 3; do kill_hard "$(worker_pid "n00$i")" "${PID_OF[n00$i]}"; done
start_network 3
wait_for 60 ended
dump_all killed
same undisturbed killed
says "goes back to its newest checkpoint" n002.log
end_network

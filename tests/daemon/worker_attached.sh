#!/bin/bash
# A worker that gossipd does not start but that connects; nodes whose models differ; many workers one after the other.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

PYTHON=/usr/bin/python3
"$PYTHON" -c 'import numpy' 2>/dev/null || { echo "skipped: python3-numpy is not installed"; exit 77; }
export PYTHONPATH="$TESTS/../tools/python" PYTHONDONTWRITEBYTECODE=1 OPENBLAS_NUM_THREADS=1
MODEL="$TESTS/daemon/worker_model.py"
make_peers 2 complete
for name in n001 n002; do
    sed -i '/^\[Data\]/,$d' "$name/gossipd.conf"
    echo '[Worker]' >>"$name/gossipd.conf"
done

# attach NAME LOG WORD...: a worker for that node in the background; its process is in PID_OF[LOG].
attach() {
    local name=$1 log=$2
    shift 2
    GOSSIPD_NODE=$name GOSSIPD_WORKER="$name/state/worker.sock" "$PYTHON" "$MODEL" "$@" 2>>"$log.log" &
    PID_OF[$log]=$!
    PIDS+=($!)
}

# has_model NAME TEXT: status of that node says so of its worker.
has_model() { ctl "$1" status | grep -qE "^  worker +$2"; }

# leave WORKER...: these end, and their nodes know.
leave() {
    local worker
    for worker in "$@"; do
        kill -KILL "${PID_OF[$worker]}"
        wait "${PID_OF[$worker]}" 2>/dev/null || true
        wait_for 10 has_model "${worker%%.*}" "away"
    done
}

attach n001 n001.early # before there is a daemon
wait_for 20 grep -q "waiting for gossipd at" n001.early.log
start_network 2
echo "none is there"
expect 0 ctl n002 status
says "no worker: none has connected to n002/state/worker.sock yet" out
says "see that its worker can run" out
[ "$(stat -c %a n002/state/worker.sock)" = 660 ] || fail "worker.sock has mode $(stat -c %a n002/state/worker.sock)"
wait_for 10 has_model n001 "point, 12 parameters: ready"

echo "models that differ"
start=(start objective=worker eta=0.5 compressor=none gossip_steps=1 rounds=40 checkpoint_every=5)
attach n002 n002.small d=11
wait_for 10 has_model n002 "point, 11 parameters: ready"
expect 78 ctl n001 "${start[@]}"
says "the model of n002 has 11 parameters, that of n001 12: all nodes need the same model" err
leave n002.small
attach n002 n002.other name=line
wait_for 10 has_model n002 "line, 12 parameters: ready"
expect 78 ctl n001 "${start[@]}"
says "the model of n002 is called 'line', that of n001 'point': all nodes need the same model" err
leave n002.other
attach n002 n002.begun x0=1
wait_for 10 has_model n002 "point, 12 parameters: ready"
expect 78 ctl n001 "${start[@]}"
says "the worker of n002 has an initial point, that of n001 none" err
leave n002.begun

echo "a second one is refused, and the daemon's restart outlived"
attach n002 n002.first pause=0.05
wait_for 10 has_model n002 "point, 12 parameters: ready"
attach n002 n002.second
wait "${PID_OF[n002.second]}" && fail "the second worker was not refused"
says "Refused: this node has a worker already" n002.second.log
says "a second one wants to connect and is refused" n002.log
expect 0 ctl n001 "${start[@]}"
running() { [ "$(ctl n001 status --json | grep -oE '"round":[0-9]+' | cut -d: -f2)" -ge "$1" ]; }
wait_for 20 running 8
stop_node n002 # in order: the worker is not told to end
start_node n002
wait_for 20 running 16
kill -KILL "${PID_OF[n002]}"
wait "${PID_OF[n002]}" 2>/dev/null || true
start_node n002
wait_for 20 running 24
leave n002.first
expect 0 ctl n002 status
says "waiting for its own worker: it has closed the connection" out
attach n002 n002.last
ended() { [ "$(ctl n001 status --all --json | grep -o '"phase":"done"' | wc -l)" -eq 2 ]; }
wait_for 30 ended
leave n002.last

echo "a hundred, one after the other"
cat >many.py <<'END'
import sys, types, os, socket, struct
sys.modules["gossipd"] = types.ModuleType("gossipd")
sys.modules["gossipd"].__path__ = [os.path.join(sys.argv[1], "../tools/python/gossipd")]
from gossipd import messages
for i in range(100):
    end = socket.socket(socket.AF_UNIX)
    end.connect("n002/state/worker.sock")
    for part in messages.encode("hello", version_min=1, version_max=1, model=f"number_{i}", dimension=100000, dtype=1):
        end.sendall(part)
    data, descriptors, _, _ = socket.recv_fds(end, 1000, 4)
    assert len(descriptors) == 1 and messages.decode(data[4:])[0] == "welcome", (i, data, descriptors)
    os.close(descriptors[0])
    end.close()
END
descriptors() { find "/proc/${PID_OF[n002]}/fd" | wc -l; }
resident() { awk '/VmRSS/ { print $2 }' "/proc/${PID_OF[n002]}/status"; }
before=$(descriptors)
memory=$(resident)
"$PYTHON" many.py "$TESTS"
wait_for 10 has_model n002 "away"
[ "$(descriptors)" -le "$before" ] || fail "$before descriptors became $(descriptors): $(ls -l "/proc/${PID_OF[n002]}/fd")"
[ "$(resident)" -lt $((memory + 40000)) ] || fail "$memory KB became $(resident)" # 1.6 MB each would be 160 MB
[ "$(grep -c 'worker: number_' n002.log)" -eq 100 ] || fail "not all were welcomed"

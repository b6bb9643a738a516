#!/bin/bash
# gossip-sim run --worker: what it says of workers that train, and of those that do not; none is left behind. That the bits
# are those of daemons, tests/daemon/worker.sh shows.
# shellcheck source=tests/lib.sh
. "$(cd "$(dirname "$0")" && pwd)/lib.sh"

PYTHON=/usr/bin/python3
"$PYTHON" -c 'import numpy' 2>/dev/null || { echo "skipped: python3-numpy is not installed"; exit 77; }
export PYTHONPATH="$TESTS/../tools/python" OPENBLAS_NUM_THREADS=1
cp "$TESTS/daemon/worker_model.py" model.py # by this path its processes are found
MODEL="$PYTHON '$DIR/model.py'"

run=(run objective=worker rounds=20 gossip_steps=2 eta=0.5 gamma=0.3 --nodes 5 --topology ring)

# none_left: no process of a worker is there.
none_left() {
    ! pgrep -f "$DIR/model.py" >left || fail "workers are left: $(cat left)"
}

# refuses CODE TEXT WORD...
refuses() {
    local code=$1 text=$2
    shift 2
    expect "$code" "$GOSSIP_SIM" "$@"
    says "$text" err
    none_left
}

# What is printed: loss and accuracy are the mean of what the workers say of the mean of all x, by their rows.
# shellcheck disable=SC2016 # it is the shell of the worker that knows its node
expect 0 "$GOSSIP_SIM" "${run[@]}" --worker "$MODEL "'rows=$(printf %d 1${GOSSIPD_NODE#n})' --json --dump x.npy \
    --history history.csv --node-history nodes.csv
none_left
[ "$(wc -l <out)" -eq 1 ] || fail "more than JSON: $(cat out)"
"$PYTHON" - <<'END' || fail "other losses than of these x: $(cat out)"
import csv, json
import numpy as np

out = json.load(open("out"))
x = np.load("x.npy")
nodes = [f"n{i:03}" for i in range(1, 6)]
points = [np.random.default_rng(sum(node.encode())).standard_normal(12) for node in nodes]
def loss(x, point): return np.mean((x.astype(np.float32) - point) ** 2) / 2
rows = np.array([1001, 1002, 1003, 1004, 1005])
assert x.shape == (5, 12)
assert abs(out["loss"] - rows @ [loss(x.mean(0), point) for point in points] / rows.sum()) < 1e-9
assert abs(out["accuracy"] - 0.5) < 1e-12 and out["rounds"] == 20 and out["parameters"] == 12
assert [node["node"] for node in out["nodes"]] == nodes
assert np.allclose([node["loss"] for node in out["nodes"]], [loss(*both) for both in zip(x, points)], 1e-12)
history = list(csv.DictReader(open("history.csv")))
assert len(history) == 21 and abs(float(history[-1]["loss"]) - out["loss"]) < 1e-9
last = [row for row in csv.DictReader(open("nodes.csv")) if row["round"] == "20"]
assert [float(row["loss"]) for row in last] == [node["loss"] for node in out["nodes"]]
assert all(row["accuracy"] == "0.5" for row in last)
END
# shellcheck disable=SC2016
expect 0 "$GOSSIP_SIM" "${run[@]}" --worker "cd / && NOTHING=1 $MODEL "'rows=$(printf %d 1${GOSSIPD_NODE#n})'
says "5 nodes, model point, 5015 rows, 12 parameters" out
tail -n 1 out | grep -qE '^loss=0\.[0-9]+ rounds=20 payload_bytes=[0-9.]+ seconds=[0-9.]+ accuracy=0\.5$' || fail "last line: $(cat out)"

# One that knows no loss but that of its rows; and a stop at it.
expect 0 "$GOSSIP_SIM" "${run[@]}" --worker "$MODEL blind=1" target_loss=1
grep -qE '^loss=0\.[0-9]+ rounds=[1-9] ' out || fail "no loss of a worker that does not evaluate: $(cat out)"

# A step that fails, an end of any kind, models that differ: which node, when, why.
refuses 1 "in round 5: its step failed: RuntimeError: this step cannot be made" "${run[@]}" --worker "$MODEL what=raise"
says "RuntimeError: this step" err
refuses 1 "in round 5: it ended of its own accord (exit code 0)" "${run[@]}" --worker "$MODEL what=exit0"
refuses 1 "in round 5: ended with exit code 1" "${run[@]}" --worker "$MODEL what=exit1"
refuses 1 "in round 5: killed by signal 9" "${run[@]}" --worker "$MODEL what=killed"
refuses 1 "in round 5: killed by signal 9, says the shell" "${run[@]}" --worker "true; $MODEL what=killed; exit \$?"
refuses 1 "the loss is not finite at node 1 of 5 in round 5" "${run[@]}" --worker "$MODEL what=nan"
grep -q "eta=auto" err && fail "advises what is refused: $(cat err)"
refuses 1 "the worker of n004, in round 5: ended with exit code 1" "${run[@]}" --worker "$MODEL \$([ \$GOSSIPD_NODE = n004 ] && echo what=exit1)"
refuses 1 "as it began: ended with 127: the shell found no such command (its words are above)" "${run[@]}" --worker /nonexistent/worker
says "/nonexistent/worker" err
refuses 78 "the model of n003 has 13 parameters, that of n001 12" "${run[@]}" --worker "$MODEL \$([ \$GOSSIPD_NODE = n003 ] && echo d=13)"
refuses 78 "the model of n003 is called 'other', that of n001 'point'" "${run[@]}" --worker "$MODEL \$([ \$GOSSIPD_NODE = n003 ] && echo name=other)"
refuses 78 "the worker of n003 begins at another point than that of n001" "${run[@]}" --worker "$MODEL x0=\$([ \$GOSSIPD_NODE = n003 ] && echo 1 || echo 2)"
refuses 78 "the worker of n001 has an initial point, that of n003 none" "${run[@]}" --worker "$MODEL x0=\$([ \$GOSSIPD_NODE = n003 ] || echo 2)"
refuses 78 "init=worker: the worker of n001 has no initial point; leave init away" "${run[@]}" init=worker --worker "$MODEL"
refuses 78 "the worker of n001: momentum is for gradients" "${run[@]}" momentum=0.9 --worker "$MODEL mode=update"

# The command line.
refuses 64 "--worker COMMAND is missing" "${run[@]}"
refuses 64 "--data is for objectives over rows" "${run[@]}" --worker "$MODEL" --data synthetic:samples=9
refuses 64 "--worker is for objective=worker, not for objective=linear" run objective=linear --nodes 2 --topology ring --worker "$MODEL"
refuses 64 "init=worker is for objective=worker" run objective=linear init=worker --nodes 1 --data synthetic:samples=9
refuses 64 "eta=auto: no smoothness constant" "${run[@]}" eta=auto --worker "$MODEL"

# A signal while they compute, or while one of them does not answer: it ends, and all of them with it.
# interrupts WORD...: with these words for the workers.
interrupts() {
    "$GOSSIP_SIM" "${run[@]}" --worker "$MODEL $*" --history rounds.csv >out 2>err &
    local pid=$! code=0
    PIDS+=("$pid")
    wait_for 20 grep -q ^1, rounds.csv
    kill -TERM "$pid"
    wait "$pid" || code=$?
    [ "$code" -eq 1 ] || fail "exit code $code of what was interrupted: $(cat out err)"
    says "interrupted" err
    none_left
    rm rounds.csv
}
interrupts pause=0.2
interrupts what=hang at=2

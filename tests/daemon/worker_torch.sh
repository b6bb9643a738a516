#!/bin/bash
# The PyTorch example with Adam, dropout and batch norm beside three daemons, whose workers and daemons are killed: x is, bit for
# bit, what gossip-sim comes to with workers that nothing happens to.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

PYTHON=/usr/bin/python3
"$PYTHON" -c 'import torch' 2>/dev/null || { echo "skipped: python3-torch is not installed"; exit 77; }
export PYTHONPATH="$TESTS/../tools/python" PYTHONDONTWRITEBYTECODE=1 OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1
EXAMPLE="$TESTS/../tools/python/examples/cnn_torch.py"

make_peers 3 ring
"$PYTHON" - <<'END'
import numpy as np
draw = np.random.default_rng(5)
for node in ("n001", "n002", "n003"):
    y = draw.integers(0, 4, 300)
    X = draw.standard_normal((300, 64)).astype(np.float32) / 4
    X[np.arange(300), 9 * y + 5] += 1  # a bright point, elsewhere for each class
    np.savez(f"{node}/rows.npz", X=X, y=y)
END
for name in n001 n002 n003; do
    sed -i '/^\[Data\]/,$d' "$name/gossipd.conf"
    printf '[Worker]\nCommand = exec %s "%s" --shard rows.npz --classes 4 --batch 16\n' "$PYTHON" "$EXAMPLE" >>"$name/gossipd.conf"
done
run=(objective=worker rounds=120 gossip_steps=2 eta=1 compressor=qsgd:bits=4 checkpoint_every=20)
# shellcheck disable=SC2016 # the worker's shell knows its node
expect 0 "$GOSSIP_SIM" run "${run[@]}" --peers peers.conf --dump sim.npy \
    --worker "exec $PYTHON '$EXAMPLE'"' --shard $GOSSIPD_NODE/rows.npz --classes 4 --batch 16'

start_network 3
ctl n001 start "${run[@]}" --wait >wait.out 2>&1 &
waiting=$!

# running ROUND: n001 has come to this round.
running() { [ "$(ctl n001 status --json | jq '.round // 0')" -ge "$1" ]; }

wait_for 60 running 25
kill_hard "$(worker_pid n002)"
wait_for 60 running 45
kill_hard "${PID_OF[n003]}"
start_node n003
wait_for 60 running 70
kill_hard "$(worker_pid n001)" "$(worker_pid n003)"
wait "$waiting" || fail "the run failed: $(cat wait.out)"
for name in n001 n002 n003; do expect 0 ctl "$name" dump x --out "$name.npy"; done
"$PYTHON" - <<'END' || fail "the kills have changed x"
import sys
import numpy as np
wanted = np.load("sim.npy")
sys.exit(not all(np.array_equal(np.load(f"n00{i + 1}.npy").ravel(), wanted[i]) for i in range(3)))
END
[ "$(cat n00?.log | grep -c 'killed by signal 9')" -ge 3 ] || fail "no worker was killed: $(cat n00?.log)"

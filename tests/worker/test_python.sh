#!/bin/sh
# The Python package (tools/python) by its own tests. Skipped without numpy; what needs torch is skipped without torch.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
python=
for candidate in /usr/bin/python3 python3; do
    if "$candidate" -c 'import numpy' 2>/dev/null; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "numpy is missing: the Python package can't be tested"
    exit 77
fi
unset GOSSIPD_WORKER GOSSIPD_NODE
export PYTHONDONTWRITEBYTECODE=1 OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
tests=$root/tools/python/tests
exec "$python" -W error::ResourceWarning -m unittest discover --start-directory "$tests" --top-level-directory "$tests"

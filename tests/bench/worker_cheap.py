"""A worker whose own step costs nothing: it always answers with the same gradient, which it copies to where answers go.

usage: worker_cheap.py DIMENSION
"""
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools" / "python"))
import gossipd

dimension = int(sys.argv[1])
gradient = np.zeros(dimension, dtype=np.float32)
with gossipd.Worker(dimension=dimension, name="cheap", dtype="float32") as worker:
    for step in worker:
        step.gradient(gradient, loss=1.0)

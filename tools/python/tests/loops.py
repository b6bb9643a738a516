"""Loops that more than one test runs."""

import helper  # noqa: F401 - finds the package
import numpy as np
from gossipd import Worker

D = 5


def descend(address, **words):
    """The plainest loop: f(x) = |x|^2 / 2."""
    with Worker(D, name="plain", address=address, **words) as worker:
        for step in worker:
            step.gradient(step.x, loss=float(step.x @ step.x) / 2, rows=3, metrics={"norm": 1})


def momentum(address, inline=False, dtype="float64"):
    """A loop with a state, random numbers and an update."""
    with Worker(D, name="momentum", dtype=dtype, x0=np.ones(D), address=address, inline=inline) as worker:
        m = np.zeros(D)
        worker.state = {"m": m, "seen": 0, "words": []}
        worker.evaluate = lambda x: {"accuracy": float(x.sum())}
        for step in worker:
            m *= 0.9
            m += step.x + step.rng.standard_normal(D)
            worker.state["seen"] += 1
            step.update(step.x - step.eta * m)
            worker.state["words"].append(step.round)  # counts, though the answer is given

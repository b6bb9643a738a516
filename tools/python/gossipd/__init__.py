"""A node's local step, computed by your own model beside gossipd.

    import gossipd
    with gossipd.Worker(dimension=d, name="mine") as worker:
        for step in worker:
            g, loss = ...                    # at step.x
            step.gradient(g, loss=loss)

gossipd keeps the parameters, compresses, gossips, encrypts, checkpoints and recovers. A step must be a function of (x, state,
round, seed, data) alone: draw from step.rng, and name what else lasts from step to step in worker.state. Then a crash of
whatever part changes nothing in the result. gossipd.torch does that for a torch model and its optimizer.
"""

from .errors import Abort, Error, ProtocolError, Refused
from .state import StateError
from .step import Run, Step
from .worker import Worker

__all__ = ["Abort", "Error", "ProtocolError", "Refused", "Run", "StateError", "Step", "Worker"]

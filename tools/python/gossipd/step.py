"""One step, in the hands of the user's loop."""

from __future__ import annotations

import hashlib
import math
import re
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional

import numpy as np

from .errors import Error

if TYPE_CHECKING:
    from .worker import Worker

_METRIC = re.compile(r"[A-Za-z0-9_]{1,32}")


def metric_list(metrics: Optional[Mapping[str, Any]]) -> List[Dict[str, Any]]:
    """Metrics as messages hold them: one that is not finite has no value. Raises ValueError for a name that they can't have."""
    out = []
    for name, value in (metrics or {}).items():
        if not _METRIC.fullmatch(name):
            raise ValueError(f"the metric {name!r}: a name is letters, digits and _, at most 32")
        value = float(value)
        out.append({"name": name, "value": value} if math.isfinite(value) else {"name": name})
    return out


def generator(seed: int, node: str, round: int) -> np.random.Generator:
    """PCG64 of a run's seed, a node and a round: the same numbers whenever that step is done again."""
    digest = hashlib.blake2b(f"{seed} {round} {node}".encode(), digest_size=32, person=b"gossipd step").digest()
    words = np.frombuffer(digest, "<u4").tolist()
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(words)))


class Run:
    """A run of the network, as INIT tells of it."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self.epoch: int = fields["epoch"]  # its number, from 1
        self.id: str = bytes(fields["run_id"]).hex()
        self.seed: int = fields["seed"]
        self.rounds: int = fields["rounds"]
        self.node: str = fields["node"]
        lines = [line.partition("=") for line in fields["settings"].splitlines() if line]
        self.settings: Dict[str, str] = {key: value for key, _, value in lines}


class Step:
    """What the loop `for step in worker` gives. It is to be answered once, by `gradient` or `update`; the answer, and the state
    as it is by then, goes out when the loop's body ends."""

    def __init__(self, worker: "Worker", run: Run, fields: Mapping[str, Any], x: np.ndarray, vector: np.ndarray) -> None:
        self._worker = worker
        self._rng: Optional[np.random.Generator] = None
        self._answer: Optional[Dict[str, Any]] = None
        self.save: bool = fields["save"]  # whether the daemon takes the state with this step's answer
        self.round: int = fields["round"]  # from 1
        self.attempt: int = fields["attempt"]  # from 1; the same step again has the next
        self.eta: float = fields["eta"]  # the step size of this round
        self.rounds: int = run.rounds
        self.seed: int = run.seed
        self.node: str = run.node
        self.run: int = run.epoch
        self.run_id: str = run.id  # 32 hexadecimal digits
        self.settings: Dict[str, str] = run.settings
        #: Shape (d,), of the worker's dtype, read-only: a view of the memory shared with the daemon, which holds this
        #: step's x until the body ends.
        self.x: np.ndarray = x.view()
        self.x.flags.writeable = False
        #: Shape (d,), writable: where the answer goes. Fill it and hand it to `gradient` or `update`: that saves a copy.
        self.vector: np.ndarray = vector

    @property
    def rng(self) -> np.random.Generator:
        """A generator of this step's own, from (seed, node, round): there is no position to save."""
        if self._rng is None:
            self._rng = generator(self.seed, self.node, self.round)
        return self._rng

    def gradient(self, g: Any, *, loss: Any = None, rows: Optional[int] = None,
                 metrics: Optional[Mapping[str, Any]] = None) -> None:
        """Answers with the gradient at x: d numbers of any shape, copied. The daemon makes x - eta g of it. `loss` is
        that at x: a step without one, or with one that is not finite, passes for one that has diverged. `rows` that it was
        computed from and `metrics` (names of letters, digits, _) are for people to read."""
        self._take(0, g, loss, rows, metrics)

    def update(self, x_new: Any, *, loss: Any = None, rows: Optional[int] = None,
               metrics: Optional[Mapping[str, Any]] = None) -> None:
        """Answers with what a step, or many, of the worker's own have made of x: d numbers of any shape, copied."""
        self._take(1, x_new, loss, rows, metrics)

    def busy(self, seconds: float) -> None:
        """Tells the daemon that this step takes time: no sign of life is due for so many seconds more."""
        self._worker.busy(seconds)

    def _take(self, kind: int, values: Any, loss: Any, rows: Optional[int], metrics: Optional[Mapping[str, Any]]) -> None:
        if values is not self.vector:
            values = np.asarray(values)
            if values.size != self.vector.size:
                raise ValueError(f"{values.size} values for a vector of {self.vector.size}")
        self._begin_answer(kind, loss, rows, metrics)
        if values is not self.vector:
            np.copyto(self.vector, values.reshape(-1), casting="same_kind")

    def _begin_answer(self, kind: int, loss: Any, rows: Optional[int], metrics: Optional[Mapping[str, Any]]) -> None:
        if self._answer is not None or self._worker._step is not self:
            raise Error(f"the step of round {self.round} has been answered already")
        answer = {"round": self.round, "attempt": self.attempt, "kind": kind,
                  "metrics": metric_list(metrics)}
        if loss is not None and math.isfinite(float(loss)):
            answer["loss"] = float(loss)
        if rows is not None:
            answer["rows"] = int(rows)
        self._answer = answer

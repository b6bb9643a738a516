"""The worker: gossipd's counterpart in the user's program."""

from __future__ import annotations

import atexit
import hashlib
import os
import sys
import time
import traceback
import weakref
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional

import numpy as np

from . import messages, state
from .connection import Address, Connection, Vectors
from .errors import Abort, Error, ProtocolError, Refused, StreamEnd
from .step import Run, Step, metric_list

_FINGERPRINT_MAX = 100  # bytes
_RETRY = 1.0  # seconds between two tries to reach a daemon that is not there


def _cut(text: str, most: int, end: bool = False) -> str:
    """At most so many bytes of the text: its beginning, or its end. Control characters, which no message may have, become
    blanks."""
    text = "".join(c if c == "\n" or c.isprintable() else " " for c in text)
    data = text.encode("utf-8", "replace")
    data = data[-most:] if end and len(data) > most else data[:most]
    return data.decode("utf-8", "ignore")


def _threads() -> str:
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        if os.environ.get(name):
            return os.environ[name]
    return str(len(os.sched_getaffinity(0)))


class Worker:
    """Computes the steps of one node, for the gossipd that GOSSIPD_WORKER names.

    with Worker(dimension=d) as worker:
        for step in worker:
            step.gradient(g, loss=loss)

    dimension    d, the number of parameters
    name         of the model, at most 64 bytes; the same on all nodes
    dtype        "float32" or "float64", of the vectors that are exchanged with the daemon
    x0           d numbers, or None: the initial point is the daemon's. The same on all nodes
    fingerprint  words of yours about what computes; numpy's version and the number of threads are added
    rows         of this node's data, for people to read
    inline       no shared memory: vectors in the messages
    state_max    greatest size of the state in bytes; None: its size at the loop's begin, a quarter more, and 64 KiB
    address      instead of GOSSIPD_WORKER

    Set before the loop begins:
    state        what there is besides x from step to step (see gossipd.state for what it may be), or None: nothing. It goes into
                 the daemon's checkpoints, and comes back IN PLACE: arrays, dicts and lists stay the objects that they are
    evaluate     f(x) -> metrics by name, x of shape (d,), read-only; "loss" and "accuracy" (0 to 1) have places of their own in
                 gossipctl's tables. It must leave the state as it is
    """

    def __init__(self, dimension: int, *, name: Optional[str] = None, dtype: Any = "float32", x0: Any = None,
                 fingerprint: str = "", rows: Optional[int] = None, inline: bool = False,
                 state_max: Optional[int] = None, address: Optional[str] = None) -> None:
        if name is None:
            name = _cut(os.path.splitext(os.path.basename(sys.argv[0]))[0], 64) or "worker"
        if not 1 <= len(name.encode()) <= 64:
            raise ValueError("a model's name has 1 to 64 bytes")
        if not name.isprintable():
            raise ValueError(f"a model's name has no control characters: {name!r}")
        self.dtype = np.dtype(dtype).newbyteorder("<")
        if self.dtype.str not in ("<f4", "<f8"):
            raise ValueError(f"dtype={dtype}: float32 and float64 can be exchanged")
        self.dimension = int(dimension)
        if self.dimension < 1:
            raise ValueError("a dimension is 1 at least")
        self.name = name
        self.x0: Optional[np.ndarray] = None
        if x0 is not None:
            self.x0 = np.array(x0, self.dtype).reshape(-1)  # a copy: the model goes on to change its own
            if self.x0.size != self.dimension:
                raise ValueError(f"x0 has {self.x0.size} values, and the dimension is {self.dimension}")
        self.fingerprint = fingerprint
        self.rows = rows
        self.inline = inline
        self.state: Any = None
        self.evaluate: Optional[Callable[[np.ndarray], Mapping[str, float]]] = None
        self.node: str = os.environ.get("GOSSIPD_NODE", "")
        self.run: Optional[Run] = None  # that is in hand
        self._wanted_state_max = state_max
        self._state_max = 0
        self._initial: Optional[bytes] = None  # the state when the loop began
        self._tensors: List[Dict[str, Any]] = []
        self._step: Optional[Step] = None  # that the body of the loop has
        self._connection: Optional[Connection] = None
        self._vectors: Optional[Vectors] = None
        self._closed = self._begun = self._waits = False
        self._address = Address(address or os.environ.get("GOSSIPD_WORKER"))
        _watch(self)

    # ---- for the user ----

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, kind: Any, reason: Any, trace: Any) -> None:
        if isinstance(reason, Exception):
            self._tell(reason)
        elif reason is not None:  # KeyboardInterrupt, SystemExit: whoever asked for it knows
            self._step = None
        self.close()

    def __iter__(self) -> Iterator[Step]:
        """The steps, until the daemon ends the stream; then, if it did not start this program, those of the next daemon."""
        self._begin()
        while True:
            self._step = self._next()
            if self._step is None:
                return
            yield self._step
            self._finish()

    def busy(self, seconds: float) -> None:
        """Tells the daemon that no sign of life is due for so many seconds more: a long step, or evaluation."""
        self._send("busy", seconds=float(seconds))

    def failed(self, text: str) -> None:
        """Tells the daemon that the step in hand has failed (ERROR); it is not to be answered any more."""
        self._step = None
        self._send("error", text=_cut(text, messages.TEXT_MAX, end=True))

    def abort(self, text: str) -> None:
        """Tells the daemon that it never will work (ABORT): the run ends, everywhere. To raise gossipd.Abort does it, too."""
        self._step = None
        self._send("abort", text=_cut(text, messages.TEXT_MAX, end=True))

    def close(self) -> None:
        """Ends the connection; a step that has been answered is finished before. May be called again."""
        if not self._closed and self._step is not None and self._step._answer is not None:
            self._finish()
        self._closed = True
        self._step = None
        self._drop()
        self._address.close()

    # ---- the state; gossipd.torch has more ----

    def _get_state(self) -> Any:
        return self.state

    def _put_state(self, data: Any) -> None:
        """Takes a saved state (a buffer of bytes)."""
        self.state = state.restore(self.state, data)

    def _computes(self) -> str:
        """What computes besides the user's own code: other versions and numbers of threads may come to other bits."""
        return f"numpy {np.__version__}, threads {_threads()}"

    def _state_room(self, present: int) -> int:
        """How large a state of so many bytes may become."""
        return present + present // 4 + 65536

    def _begin(self) -> None:
        if self._begun:
            return
        self._begun = True
        value = self._get_state()
        if value is None:
            return
        self._initial = state.pack(value)
        self._state_max = self._wanted_state_max or self._state_room(len(self._initial))

    def _reset_state(self) -> None:
        if self._initial is not None:
            self._put_state(self._initial)

    # ---- the stream ----

    def _send(self, kind: str, /, **fields: Any) -> None:
        if self._connection is not None:
            self._connection.send(kind, **fields)

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _tell(self, reason: BaseException) -> None:
        """ERROR or ABORT, for an exception that ends the loop."""
        if isinstance(reason, Abort):
            self.abort(str(reason))
        else:
            self.failed("".join(traceback.format_exception(type(reason), reason, reason.__traceback__)))

    def _next(self) -> Optional[Step]:
        """The next step, or None at the end. All that comes before it is answered here."""
        while not self._closed:
            try:
                if self._connection is None:
                    if not self._connect():
                        return None
                    continue
                kind, fields = self._connection.receive()
                handle = getattr(self, "_on_" + kind, None)
                if not handle:
                    raise ProtocolError(f"the daemon sent {kind.upper()}, which is for workers to say")
                if (step := handle(fields)) is not None:
                    return step
            except StreamEnd:
                self._drop()
                if self._address.attached:
                    time.sleep(_RETRY)  # the daemon has to end before it can begin
        return None

    def _connect(self) -> bool:
        """Waits for a daemon and says hello to it. False: there won't be one any more."""
        while not (end := self._address.connect()):
            if not self._address.attached:
                return False
            if not self._waits:
                print(f"gossipd worker: waiting for gossipd at {self._address.text}", file=sys.stderr, flush=True)
            self._waits = True
            time.sleep(_RETRY)
        self._waits = False
        self._connection = Connection(end)
        self.run = None
        self._hello()
        kind, welcome = self._connection.receive(descriptors=True)
        if kind == "error":
            raise Refused(welcome["text"])
        if kind != "welcome" or welcome["version"] != messages.VERSION:
            raise ProtocolError(f"the daemon answered HELLO with {kind.upper()} {welcome.get('version', '')}")
        self.node = welcome["node"]
        if self.inline:
            self._vectors = Vectors(self.dimension, self.dtype, 0)
            self._connection.frame_max += self.dimension * self.dtype.itemsize + self._state_max
        else:
            if len(self._connection.descriptors) != 1:
                raise ProtocolError(f"{len(self._connection.descriptors)} descriptors came with WELCOME, and not one")
            self._vectors = Vectors.shared(self._connection.descriptors[0], welcome, self.dimension, self.dtype, self._state_max)
            os.close(self._connection.descriptors.pop())
        return True

    def _hello(self) -> None:
        words = "; ".join(filter(None, (self.fingerprint, self._computes())))
        hello: Dict[str, Any] = {
            "version_min": messages.VERSION, "version_max": messages.VERSION, "model": self.name, "dimension": self.dimension,
            "dtype": messages.F32 if self.dtype.itemsize == 4 else messages.F64, "fingerprint": _cut(words, _FINGERPRINT_MAX),
            "inline_vectors": self.inline, "evaluates": self.evaluate is not None, "state_max": self._state_max,
            "tensors": self._tensors,
        }
        if self.rows is not None:
            hello["rows"] = int(self.rows)
        if self.x0 is not None:
            hello["x0_digest"] = hashlib.blake2b(self.x0.tobytes(), digest_size=16).digest()
        self._connection.send("hello", **hello)

    def _take_x(self, fields: Mapping[str, Any]) -> None:
        """Inline, x comes with the message."""
        if self.inline and "x" in fields:
            if len(fields["x"]) != self.dimension * self.dtype.itemsize:
                raise ProtocolError(f"an x of {len(fields['x'])} bytes, for {self.dimension} values of {self.dtype}")
            self._vectors.x[:] = np.frombuffer(fields["x"], self.dtype)

    def _in_run(self, kind: str) -> Run:
        if self.run is None:
            raise ProtocolError(f"the daemon sent {kind} before INIT")
        return self.run

    def _on_init(self, fields: Mapping[str, Any]) -> None:
        self.run = Run(fields)
        self.node = self.run.node
        self._reset_state()
        ready: Dict[str, Any] = {}
        if self.x0 is not None:
            ready["x0"] = True
            if self.inline:
                ready["vector"] = memoryview(self.x0).cast("B")
            else:
                self._vectors.vector[:] = self.x0
        self._connection.send("ready", **ready)

    def _on_load(self, fields: Mapping[str, Any]) -> None:
        self._in_run("LOAD")
        self._take_x(fields)
        length = fields["state_length"]
        data = fields.get("state", b"") if self.inline else self._vectors.state[:length]
        if length > self._state_max or len(data) != length:
            raise ProtocolError(f"the daemon sent a state of {length} bytes, where {self._state_max} were announced")
        if length:
            self._put_state(data)
        else:
            self._reset_state()
        self._connection.send("ready")

    def _on_step(self, fields: Mapping[str, Any]) -> Step:
        run = self._in_run("STEP")
        self._take_x(fields)
        return self._make_step(run, fields)

    def _make_step(self, run: Run, fields: Mapping[str, Any]) -> Step:
        return Step(self, run, fields, self._vectors.x, self._vectors.vector)

    def _on_eval(self, fields: Mapping[str, Any]) -> None:
        if self.evaluate is None:
            raise ProtocolError("the daemon sent EVAL to a worker that does not evaluate")
        self._take_x(fields)
        x = self._vectors.x.view()
        x.flags.writeable = False
        self._connection.send("result", round=fields["round"], metrics=metric_list(self._evaluate(x)))

    def _evaluate(self, x: np.ndarray) -> Mapping[str, float]:
        return self.evaluate(x)

    def _on_error(self, fields: Mapping[str, Any]) -> None:
        raise Refused(fields["text"])

    def _on_stop(self, fields: Mapping[str, Any]) -> None:
        self._closed = True
        self._drop()

    def _finish(self) -> None:
        """The body has ended: DONE, with the state as it is now."""
        step, self._step = self._step, None
        if step is None:
            return  # the body has called failed() or abort()
        if step._answer is None:
            self._step = step
            raise Error(f"the loop's body ended without step.gradient or step.update in round {step.round}")
        done = step._answer
        if step.save:
            done["state_length"] = 0
            if self._initial is not None:
                self._save(done)
        if self.inline:
            done["vector"] = memoryview(step.vector).cast("B")
        self._send("done", **done)

    def _save(self, done: Dict[str, Any]) -> None:
        packed = state.Packed(self._get_state())
        if packed.length > self._state_max:
            raise Abort(f"the state has {packed.length} bytes by now, and {self._state_max} were announced when the loop began: "
                        "give state_max=, or make its arrays and text as large before as they will be")
        done["state_length"] = packed.length
        if self.inline:
            done["state"] = bytes(packed)
        else:
            packed.into(self._vectors.state)


# ---- the end of the program, for loops without `with` ----

_workers: "weakref.WeakSet[Worker]" = weakref.WeakSet()
_process = 0
_hook_before: Any = None


def _watch(worker: Worker) -> None:
    global _process, _hook_before
    _workers.add(worker)
    if not _process:
        _hook_before, sys.excepthook = sys.excepthook, _on_exception
        atexit.register(_at_exit)
    _process = os.getpid()


def _on_exception(kind: Any, reason: BaseException, trace: Any) -> None:
    if os.getpid() == _process:  # and not a process that was forked from it
        for worker in list(_workers):
            worker.__exit__(kind, reason, trace)
    _hook_before(kind, reason, trace)


def _at_exit() -> None:
    if os.getpid() == _process:
        for worker in list(_workers):
            worker.close()

#!/usr/bin/env python3
"""A worker that breaks the rules of proto/worker.proto, for tests: it answers as asked (least squares, d numbers, vectors
inline) until round 3, and then, always, does what its first argument says."""

import os
import signal
import socket
import struct
import sys
import time
import types

# The package's messages alone: the rest needs numpy, which takes longer to load than all that a fault takes.
sys.modules["gossipd"] = types.ModuleType("gossipd")
sys.modules["gossipd"].__path__ = [os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/python/gossipd")]
from gossipd import messages  # noqa: E402 - see above

D = 12
WHAT = sys.argv[1]
AT = 3


class Stream:
    def __init__(self):
        self.end = socket.socket(fileno=int(os.environ["GOSSIPD_WORKER"][3:]))

    def raw(self, data):
        try:
            self.end.sendall(data)
        except ConnectionError:  # the daemon has had enough
            sys.exit(1)

    def send(self, kind, /, **fields):
        self.raw(b"".join(messages.encode(kind, **fields)))

    def exactly(self, length):
        data = bytearray()
        while len(data) < length:
            part = self.end.recv(length - len(data))
            if not part:
                sys.exit(1)
            data += part
        return data

    def receive(self):
        return messages.decode(self.exactly(struct.unpack("<I", self.exactly(4))[0]))


def done(stream, step, **changes):
    vector = bytes(step["x"])
    fields = {"round": step["round"], "attempt": step["attempt"], "kind": messages.GRADIENT, "loss": 1.0, "vector": vector}
    if step["save"]:
        fields["state_length"] = 0
    fields.update(changes)
    stream.send("done", **fields)


def fork_and_die(stream):
    """A child that keeps the socket open in a session of its own, where no signal to the worker's group reaches it."""
    if os.fork() == 0:
        os.setsid()
        with open(os.environ["CHILDREN"], "a") as file:
            print(os.getpid(), file=file)
        time.sleep(1000)
    time.sleep(0.1)
    os.kill(os.getpid(), signal.SIGKILL)


def misbehave(stream, step):
    nan = struct.pack("<d", float("nan"))
    if WHAT == "short":
        done(stream, step, vector=bytes(step["x"])[8:])
    elif WHAT == "no-loss":  # as both libraries send a loss that is NaN
        stream.send("done", round=step["round"], attempt=step["attempt"], kind=messages.GRADIENT, vector=bytes(step["x"]),
                    state_length=0)
    elif WHAT == "nan":
        done(stream, step, vector=nan + bytes(step["x"])[8:])
    elif WHAT == "twice":
        done(stream, step)
        done(stream, step)
    elif WHAT == "old-round":
        done(stream, step, round=step["round"] - 1)
    elif WHAT == "old-attempt":
        done(stream, step, attempt=step["attempt"] + 1)
    elif WHAT == "flood":
        while True:
            stream.raw(b"".join(messages.encode("busy", seconds=1.0)) * 1000)
    elif WHAT == "endless":
        stream.raw(struct.pack("<I", 0xFFFFFFFF))
        while True:
            stream.raw(bytes(1 << 20))
    elif WHAT == "garbage":
        stream.raw(struct.pack("<I", 1000) + os.urandom(1000))
    elif WHAT == "hello":
        hello(stream)
    elif WHAT == "fork":
        fork_and_die(stream)
    elif WHAT == "hang":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(1000)
    else:
        raise ValueError(WHAT)


def hello(stream):
    stream.send("hello", version_min=2 if WHAT == "version" else 1, version_max=2 if WHAT == "version" else 1, model="rogue",
                dimension=10 ** 10 if WHAT == "huge" else D, dtype=messages.F64, inline_vectors=True)


def main():
    stream = Stream()
    if WHAT == "mute":
        time.sleep(1000)
    hello(stream)
    while True:
        kind, fields = stream.receive()
        if kind in ("init", "load"):
            stream.send("ready")
        elif kind == "error":
            print("refused:", fields["text"], file=sys.stderr, flush=True)
            sys.exit(1)
        elif kind == "stop":
            sys.exit(0)
        elif kind == "step":
            if fields["round"] >= AT:
                misbehave(stream, fields)
            else:
                done(stream, fields)


main()

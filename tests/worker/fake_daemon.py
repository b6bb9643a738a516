"""The daemon's side of proto/worker.proto, as little of it as tests of workers need.

    daemon, process = start([sys.executable, "train.py"])     # with an inherited socket, as gossipd does it
    daemon.handshake(); daemon.init()
    done = daemon.step(1, x)                                  # fields of DONE; its vector and state are copies
"""

import fcntl
import mmap
import os
import socket
import struct
import subprocess
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/python"))
from gossipd import messages  # noqa: E402 - not installed

PATIENCE = 60  # seconds: how long an answer may take on a busy machine


def align(length):
    return length + -length % 64


class FakeDaemon:
    """Speaks over a connected socket, which it owns. Methods wait for the answer and fail on any other."""

    def __init__(self, end, node="n001"):
        self.end, self.node = end, node
        self.end.settimeout(PATIENCE)
        self.hello = self.memory = None

    def close(self):
        self.end.close()

    def send(self, kind, /, **fields):
        self.end.sendall(b"".join(messages.encode(kind, **fields)))

    def exactly(self, length):
        data = bytearray()
        while len(data) < length:
            part = self.end.recv(length - len(data))
            if not part:
                raise EOFError
            data += part
        return data

    def receive(self):
        """(kind, fields) of the next message; EOFError at the end of the stream."""
        return messages.decode(self.exactly(struct.unpack("<I", self.exactly(4))[0]))

    def expect(self, kind):
        got, fields = self.receive()
        assert got == kind, f"{got} {fields} and not {kind}"
        return fields

    def handshake(self):
        """HELLO, which it returns, and WELCOME with memory."""
        self.hello = hello = self.expect("hello")
        self.dtype = np.dtype("<f8" if hello["dtype"] else "<f4")
        self.inline = hello.get("inline_vectors", False)
        if self.inline:
            self.send("welcome", version=1, node=self.node)
            return hello
        room = align(hello["dimension"] * self.dtype.itemsize)
        size = 2 * room + align(hello.get("state_max", 0))
        descriptor = os.memfd_create("worker", os.MFD_ALLOW_SEALING)
        os.ftruncate(descriptor, size)
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL)
        self.memory = mmap.mmap(descriptor, size)
        self.x = np.frombuffer(self.memory, self.dtype, hello["dimension"])
        self.vector = np.frombuffer(self.memory, self.dtype, hello["dimension"], room)
        self.state_at = 2 * room
        welcome = messages.encode("welcome", version=1, node=self.node, size=size, x_offset=0, vector_offset=room,
                                  state_offset=self.state_at)
        socket.send_fds(self.end, [b"".join(welcome)], [descriptor])
        os.close(descriptor)
        return hello

    def put(self, x):
        """x in place; what a message has to say of it."""
        if self.inline:
            return {} if x is None else {"x": np.asarray(x, self.dtype).tobytes()}
        if x is not None:
            self.x[:] = x
        return {}

    def take(self, fields):
        """The fields, with copies of what they name in the memory."""
        if self.inline:
            if "vector" in fields:
                fields["vector"] = np.frombuffer(bytes(fields["vector"]), self.dtype)
            fields["state"] = bytes(fields.get("state", b""))
            return fields
        fields["vector"] = self.vector.copy()
        fields["state"] = self.memory[self.state_at : self.state_at + fields.get("state_length", 0)]
        return fields

    def init(self, epoch=1, seed=7, rounds=20, settings="objective=worker\neta=0.1\n"):
        """READY; its vector is x0 if READY says so."""
        self.send("init", epoch=epoch, run_id=bytes([epoch] * 16), seed=seed, rounds=rounds, node=self.node, settings=settings)
        return self.take(self.expect("ready"))

    def load(self, round, x, state):
        fields = self.put(x)
        if self.inline:
            fields["state"] = state
        elif state:
            self.memory[self.state_at : self.state_at + len(state)] = state
        self.send("load", round=round, state_length=len(state), **fields)
        return self.expect("ready")

    def ask(self, round, x=None, attempt=1, eta=0.1, save=False):
        self.send("step", round=round, attempt=attempt, eta=eta, save=save, **self.put(x))

    def step(self, round, x=None, **words):
        """DONE, with vector and state."""
        self.ask(round, x, **words)
        done = self.expect("done")
        assert (done["round"], done["attempt"]) == (round, words.get("attempt", 1))
        return self.take(done)

    def evaluate(self, round, x=None):
        """The metrics of RESULT, by name."""
        self.send("eval", round=round, **self.put(x))
        result = self.expect("result")
        assert result["round"] == round
        return {metric["name"]: metric["value"] for metric in result["metrics"]}

    def train(self, x, first, last, eta=0.1, save_at=0):
        """Rounds first to last from x, as one node alone; returns x and the state that was saved after round save_at."""
        state = b""
        for round in range(first, last + 1):
            done = self.step(round, x, eta=eta, save=round == save_at)
            if round == save_at:
                state = done["state"]
            vector = done["vector"].astype(np.float64)
            x = x + (vector - x.astype(self.dtype)) if done["kind"] == messages.UPDATE else x - eta * vector
        return x, state


def start(command, node="n001", **words):
    """A worker's process with an inherited socket, and the daemon's end of it. `words` are for Popen."""
    near, far = socket.socketpair()
    environment = dict(os.environ, **words.pop("env", {}))
    environment.update(GOSSIPD_WORKER=f"fd:{far.fileno()}", GOSSIPD_NODE=node)
    process = subprocess.Popen(command, env=environment, pass_fds=[far.fileno()], **words)
    far.close()
    return FakeDaemon(near, node), process

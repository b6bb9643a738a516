"""The stream to the daemon, and the memory that both ends share."""

from __future__ import annotations

import array
import errno
import fcntl
import mmap
import os
import socket
import stat
import struct
from typing import Any, Dict, List, Optional, Tuple

import numpy as np

from . import messages
from .errors import Error, ProtocolError, StreamEnd

_FRAME_MAX = 1 << 20  # bytes of a message without inline vectors
_PATH_MAX = 107  # bytes of a Unix socket's path
_NOT_THERE = (errno.ENOENT, errno.ECONNREFUSED, errno.EAGAIN)

REMEDY = ("GOSSIPD_WORKER is not set: this program computes steps for a gossipd. Start it by gossipd ([Worker] Command = ... in "
          "gossipd.conf), or set GOSSIPD_WORKER to the path of State/worker.sock")


class Address:
    """Where the daemon is: "fd:N", a connected descriptor that was inherited, or the path of State/worker.sock."""

    def __init__(self, text: Optional[str]) -> None:
        if not text:
            raise Error(REMEDY)
        self.text = text
        self.attached = not text.startswith("fd:")  # else gossipd has started this program
        self._inherited: Optional[socket.socket] = None
        if self.attached:
            return
        try:
            number = int(text[3:])
            if not stat.S_ISSOCK(os.fstat(number).st_mode):
                raise ValueError("it is no socket")
            os.set_inheritable(number, False)  # programs that the user's model starts must not keep it open
            self._inherited = socket.socket(fileno=number)
        except (ValueError, OSError) as reason:
            raise Error(f"GOSSIPD_WORKER={text}: {reason}; only gossipd sets it so") from reason

    def connect(self) -> Optional[socket.socket]:
        """A connected socket. None: there is no daemon at the moment (attached), or there won't be one again. OSError where
        another try would not help."""
        if not self.attached:
            end, self._inherited = self._inherited, None
            if end:
                end.setblocking(True)
            return end
        end = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        folder = -1
        try:
            path = self.text
            if len(os.fsencode(path)) > _PATH_MAX:
                folder = os.open(os.path.dirname(path), os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
                path = f"/proc/self/fd/{folder}/{os.path.basename(path)}"
            end.connect(path)
            return end
        except OSError as reason:
            end.close()
            if reason.errno in _NOT_THERE:
                return None
            raise Error(f"GOSSIPD_WORKER={self.text}: {reason.strerror}") from reason
        finally:
            if folder >= 0:
                os.close(folder)

    def close(self) -> None:
        """Gives up what was inherited and not used."""
        if self._inherited:
            self._inherited.close()
        self._inherited = None


class Vectors:
    """x, the answer's vector and the state, in shared memory or, inline, in memory of this process."""

    def __init__(self, dimension: int, dtype: np.dtype, state_max: int) -> None:
        self.inline = True
        self.x = np.zeros(dimension, dtype)  # shape (d,); from the daemon
        self.vector = np.zeros(dimension, dtype)  # shape (d,); to the daemon
        self.state = memoryview(b"")  # bytes, to and fro; as many as were announced

    @classmethod
    def shared(cls, descriptor: int, welcome: messages.Fields, dimension: int, dtype: np.dtype, state_max: int) -> "Vectors":
        """Those in the memory that came with WELCOME, which is checked; the descriptor stays the caller's."""
        size = welcome.get("size", 0)
        seals = fcntl.fcntl(descriptor, fcntl.F_GET_SEALS)
        if not seals & fcntl.F_SEAL_SHRINK or size > os.fstat(descriptor).st_size:
            raise ProtocolError("the daemon's memory is not as large as it says, or may shrink")
        offsets = {}
        for name, length in (("x", dimension * dtype.itemsize), ("vector", dimension * dtype.itemsize), ("state", state_max)):
            offsets[name] = offset = welcome.get(name + "_offset", 0)
            if offset + length > size or (length and offset % dtype.itemsize and name != "state"):
                raise ProtocolError(f"the daemon's memory has no room for {name}: {length} bytes at {offset} of {size}")
        self = cls(0, dtype, 0)
        self.inline = False
        memory = mmap.mmap(descriptor, size)
        self.x = np.frombuffer(memory, dtype, dimension, offsets["x"])
        self.vector = np.frombuffer(memory, dtype, dimension, offsets["vector"])
        self.state = memoryview(memory)[offsets["state"] : offsets["state"] + state_max]
        return self


class Connection:
    """Messages over one connected socket, which it owns."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self.frame_max = _FRAME_MAX
        self.descriptors: List[int] = []  # that came and were not taken

    def close(self) -> None:
        self._end.close()
        for descriptor in self.descriptors:
            os.close(descriptor)
        self.descriptors = []

    def send(self, kind: str, /, **fields: Any) -> None:
        """If the daemon is gone, `receive` will say so, after what the daemon said at last."""
        parts = messages.encode(kind, **fields)
        try:
            for part in parts:
                self._end.sendall(part)
        except ConnectionError:
            pass

    def receive(self, descriptors: bool = False) -> Tuple[str, Dict[str, Any]]:
        """The next message of a kind that is known here. With `descriptors` those that come with it are taken, too. Raises
        StreamEnd, ProtocolError."""
        while True:
            (length,) = struct.unpack("<I", self._take(4, descriptors))
            if length > self.frame_max:
                raise ProtocolError(f"the daemon sent a message of {length} bytes, where {self.frame_max} is the most")
            kind, fields = messages.decode(self._take(length, descriptors))
            if kind:
                return kind, fields

    def _take(self, length: int, descriptors: bool) -> bytearray:
        data = bytearray(length)
        view = memoryview(data)
        got = 0
        while got < length:
            try:
                if descriptors:
                    count = self._take_with_descriptors(view[got:])
                else:
                    count = self._end.recv_into(view[got:])
            except ConnectionError as reason:
                raise StreamEnd from reason
            if count == 0:
                raise StreamEnd
            got += count
        return data

    def _take_with_descriptors(self, view: memoryview) -> int:
        count, ancillary, _, _ = self._end.recvmsg_into([view], socket.CMSG_LEN(4 * 4), socket.MSG_CMSG_CLOEXEC)
        for level, kind, data in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                numbers = array.array("i")
                numbers.frombytes(data[: len(data) - len(data) % numbers.itemsize])
                self.descriptors += numbers
        return count

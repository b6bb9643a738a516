"""A worker's state as bytes and back.

The bytes describe themselves and are the same for the same state: 8 bytes "GSPSTAT1", u64 length of a header
(little-endian), the header as JSON, then the raw bytes of its arrays in the order in which the header names them, each
beginning at a multiple of 8. Nothing in them is ever executed.

In the header null, true, text, whole numbers below 2^63 and lists stand for themselves; what JSON can't say exactly is an object
of one member:

    {"int": "0x1f"}  {"float": "3ff0000000000000"}  {"tuple": [...]}  {"dict": [[key, value], ...]}  {"generator": ...}
    {"array": ["<f4", [3, 4]]}  {"scalar": "<f8"}  {"bytes": 12}        # followed by raw bytes
"""

from __future__ import annotations

import json
import re
import struct
from typing import Any, List

import numpy as np

from .errors import Error

_MAGIC = b"GSPSTAT1"
_DEEPEST = 32
_KINDS = "biufcmMSU"  # of numpy's dtypes; objects are not among them
_DTYPE = re.compile(rf"[<>|][{_KINDS}][0-9]{{1,9}}(\[[0-9a-zA-Zμ]+\])?")


class StateError(Error):
    """A state that can't be saved, or bytes that are no saved state."""


def _align(length: int) -> int:
    return -length % 8


class _Writer:
    def __init__(self) -> None:
        self.raw: List[memoryview] = []

    def array(self, value: np.ndarray, where: str) -> List[Any]:
        if value.dtype.kind not in _KINDS:
            raise StateError(f"{where}: arrays of {value.dtype} can't be saved")
        flat = np.ascontiguousarray(value).reshape(-1)
        # M8 and m8 have no buffers of their own
        self.raw.append(memoryview(flat.view(np.uint8) if flat.size else b"").cast("B"))
        return [value.dtype.str, list(value.shape)]

    def tree(self, value: Any, where: str, depth: int = 0) -> Any:
        if depth > _DEEPEST:
            raise StateError(f"{where}: nested deeper than {_DEEPEST}; does it hold itself?")
        if value is None or isinstance(value, (bool, str)):
            return value
        if isinstance(value, np.ndarray):
            return {"array": self.array(value, where)}
        if isinstance(value, np.generic):
            return {"scalar": self.array(np.asarray(value), where)[0]}
        if isinstance(value, int):
            value = int(value)
            return value if -(1 << 63) <= value < 1 << 63 else {"int": hex(value)}
        if isinstance(value, float):
            return {"float": struct.pack(">d", value).hex()}
        if isinstance(value, (bytes, bytearray)):
            self.raw.append(memoryview(value))
            return {"bytes": len(value)}
        if isinstance(value, dict):
            return {"dict": [[self.key(key, where), self.tree(item, f"{where}[{key!r}]", depth + 1)]
                             for key, item in value.items()]}
        if isinstance(value, (list, tuple)):
            items = [self.tree(item, f"{where}[{i}]", depth + 1) for i, item in enumerate(value)]
            return items if isinstance(value, list) else {"tuple": items}
        if isinstance(value, np.random.Generator):
            return {"generator": self.tree(value.bit_generator.state, where, depth + 1)}
        raise StateError(f"{where}: a {type(value).__name__} can't be saved; arrays, numbers, text, bytes, None, numpy's "
                         "generators, and dicts, lists and tuples of them can")

    def key(self, key: Any, where: str) -> Any:
        if not isinstance(key, (str, int, float, bool, type(None))):
            raise StateError(f"{where}: a key is a {type(key).__name__}; text and numbers can be saved")
        return self.tree(key, where)


class Packed:
    """A state on its way to bytes; it borrows the arrays of the state."""

    def __init__(self, value: Any, where: str = "worker.state") -> None:
        writer = _Writer()
        header = json.dumps(writer.tree(value, where), separators=(",", ":"), allow_nan=False).encode()
        header += b" " * _align(len(header))
        self._parts = [_MAGIC, struct.pack("<Q", len(header)), header]
        for raw in writer.raw:
            self._parts += [raw, bytes(_align(len(raw)))]
        self.length = sum(len(part) for part in self._parts)  # in bytes

    def into(self, buffer: Any) -> None:
        """Writes the bytes to the beginning of a writable buffer of at least `length` bytes."""
        view, at = memoryview(buffer), 0
        for part in self._parts:
            view[at : at + len(part)] = part
            at += len(part)

    def __bytes__(self) -> bytes:
        return b"".join(self._parts)


def pack(value: Any) -> bytes:
    """The state as bytes. Raises StateError for what can't be saved."""
    return bytes(Packed(value))


class _Loader:
    def __init__(self, data: memoryview, at: int) -> None:
        self.data = data
        self.at = at

    def raw(self, length: int) -> memoryview:
        begin, self.at = self.at, self.at + length + _align(length)
        if length < 0 or self.at > len(self.data):
            raise StateError("a state that ends too early")
        return self.data[begin : begin + length]

    def array(self, code: str, shape: List[int]) -> np.ndarray:
        if not _DTYPE.fullmatch(code) or any(not isinstance(n, int) or n < 0 for n in shape):
            raise StateError(f"a state with an array of {code} {shape}")
        dtype = np.dtype(code)
        count = 1
        for n in shape:
            count *= n
        flat = np.frombuffer(self.raw(count * dtype.itemsize), np.uint8)
        return (flat.view(dtype) if flat.size else np.empty(0, dtype)).reshape(shape)

    def onto(self, target: Any, node: Any) -> Any:
        """What `node` describes: `target` itself, changed in place, where it is of that kind; else something new."""
        if not isinstance(node, (dict, list)):
            return node
        if isinstance(node, list):
            return self.sequence(target, node)
        ((kind, value),) = node.items()
        if kind == "array":
            return self.into_array(target, self.array(*value))
        if kind == "dict":
            return self.mapping(target, value)
        if kind == "tuple":
            old = target if isinstance(target, tuple) and len(target) == len(value) else [None] * len(value)
            return tuple(self.onto(before, item) for before, item in zip(old, value))
        if kind == "generator":
            return self.generator(target, value)
        return self.plain(target, kind, value)

    def plain(self, target: Any, kind: str, value: Any) -> Any:
        if kind == "int":
            return int(value, 16)
        if kind == "float":
            return struct.unpack(">d", bytes.fromhex(value))[0]
        if kind == "scalar":
            return self.array(value, [])[()]
        if kind == "bytes":
            raw = bytes(self.raw(value))
            if isinstance(target, bytearray):
                target[:] = raw
                return target
            return raw
        raise StateError(f"a state with a {kind!r}")

    def into_array(self, target: Any, saved: np.ndarray) -> np.ndarray:
        if (isinstance(target, np.ndarray) and target.dtype == saved.dtype and target.shape == saved.shape
                and target.flags.writeable):
            target[...] = saved
            return target
        return saved.copy()

    def mapping(self, target: Any, pairs: List[List[Any]]) -> Any:
        old = target if isinstance(target, dict) else {}
        new = {}
        for key, item in pairs:
            key = self.onto(None, key)
            new[key] = self.onto(old.get(key), item)
        if not isinstance(target, dict):
            return new
        target.clear()
        target.update(new)
        return target

    def sequence(self, target: Any, items: List[Any]) -> Any:
        old = target if isinstance(target, list) else []
        new = [self.onto(old[i] if i < len(old) else None, item) for i, item in enumerate(items)]
        if not isinstance(target, list):
            return new
        target[:] = new
        return target

    def generator(self, target: Any, value: Any) -> np.random.Generator:
        saved = self.onto(None, value)
        name = saved["bit_generator"]
        if not (isinstance(target, np.random.Generator) and target.bit_generator.state["bit_generator"] == name):
            if name not in ("MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64"):
                raise StateError(f"a state with a generator {name!r}")
            target = np.random.Generator(getattr(np.random, name)())
        target.bit_generator.state = saved
        return target


def restore(target: Any, data: Any) -> Any:
    """The state that `data` (any buffer of bytes) holds, without references to it. Arrays, dicts, lists, bytearrays and
    generators of `target` that stand at the same place and are of the same kind (arrays: of the same shape and dtype) are
    changed in place and are part of what is returned. Raises StateError where `data` is no saved state; then `target` may be
    changed in part."""
    data = memoryview(data).cast("B")
    if bytes(data[:8]) != _MAGIC or len(data) < 16:
        raise StateError("these bytes are no state that this package has saved")
    length = struct.unpack("<Q", data[8:16])[0]
    if length > len(data) - 16:
        raise StateError("a state that ends too early")
    try:
        header = json.loads(bytes(data[16 : 16 + length]))
        loader = _Loader(data, 16 + length)
        value = loader.onto(target, header)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as reason:
        raise StateError(f"a damaged state: {reason}") from reason
    if loader.at != len(data):
        raise StateError("a state with bytes left over")
    return value


def unpack(data: Any) -> Any:
    """A new state of these bytes."""
    return restore(None, data)

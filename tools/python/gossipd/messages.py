"""The messages of proto/worker.proto as bytes and back: as much of protobuf as they need, and no more.

A message is a pair (kind, fields): the name of the one field that WorkerMessage holds, and a dict of what is in it. A field
that is absent is absent from the dict, a repeated one is a list. Both directions are here for every message, since the tests
play the daemon.
"""

from __future__ import annotations

import struct
from typing import Any, Dict, List, Tuple, Union

from .errors import ProtocolError

Fields = Dict[str, Any]
Buffer = Union[bytes, bytearray, memoryview]

F32, F64 = 0, 1  # enum WorkerDtype
GRADIENT, UPDATE = 0, 1  # enum WorkerKind
VERSION = 1
TEXT_MAX = 4000  # bytes of WorkerWords

# number: (name, type, "required" | "optional" | "repeated"). A type is uint, bool, double, text, bytes or another message.
_TENSOR = {
    1: ("name", "text", "required"),
    2: ("shape", "uint", "repeated"),
    3: ("dtype", "text", "optional"),
    4: ("role", "text", "optional"),
}
_METRIC = {1: ("name", "text", "required"), 2: ("value", "double", "optional")}  # absent: it is not a finite number
_WORDS = {1: ("text", "text", "required")}
_HELLO = {
    1: ("version_min", "uint", "required"),
    2: ("version_max", "uint", "required"),
    3: ("model", "text", "required"),
    4: ("dimension", "uint", "required"),
    5: ("dtype", "uint", "required"),
    6: ("fingerprint", "text", "optional"),
    7: ("inline_vectors", "bool", "optional"),
    8: ("evaluates", "bool", "optional"),
    9: ("state_max", "uint", "optional"),
    10: ("rows", "uint", "optional"),
    11: ("x0_digest", "bytes", "optional"),
    12: ("tensors", _TENSOR, "repeated"),
}
_READY = {1: ("x0", "bool", "optional"), 2: ("vector", "bytes", "optional")}
_DONE = {
    1: ("round", "uint", "required"),
    2: ("attempt", "uint", "required"),
    3: ("kind", "uint", "required"),
    4: ("loss", "double", "optional"),  # absent: it is not a number
    5: ("rows", "uint", "optional"),
    6: ("metrics", _METRIC, "repeated"),
    7: ("vector", "bytes", "optional"),
    8: ("state_length", "uint", "optional"),
    9: ("state", "bytes", "optional"),
}
_RESULT = {1: ("round", "uint", "required"), 2: ("metrics", _METRIC, "repeated")}
_BUSY = {1: ("seconds", "double", "required")}
_WELCOME = {
    1: ("version", "uint", "required"),
    2: ("node", "text", "required"),
    3: ("size", "uint", "optional"),
    4: ("x_offset", "uint", "optional"),
    5: ("vector_offset", "uint", "optional"),
    6: ("state_offset", "uint", "optional"),
}
_INIT = {
    1: ("epoch", "uint", "required"),
    2: ("run_id", "bytes", "required"),
    3: ("seed", "uint", "required"),
    4: ("rounds", "uint", "required"),
    5: ("node", "text", "required"),
    6: ("settings", "text", "required"),
}
_LOAD = {
    1: ("round", "uint", "required"),
    2: ("state_length", "uint", "required"),
    3: ("x", "bytes", "optional"),
    4: ("state", "bytes", "optional"),
}
_STEP = {
    1: ("round", "uint", "required"),
    2: ("attempt", "uint", "required"),
    3: ("eta", "double", "required"),
    4: ("save", "bool", "required"),
    5: ("x", "bytes", "optional"),
}
_EVAL = {1: ("round", "uint", "required"), 2: ("x", "bytes", "optional")}
_MESSAGE = {
    1: ("hello", _HELLO, "optional"),
    2: ("ready", _READY, "optional"),
    3: ("done", _DONE, "optional"),
    4: ("result", _RESULT, "optional"),
    5: ("busy", _BUSY, "optional"),
    6: ("abort", _WORDS, "optional"),
    7: ("error", _WORDS, "optional"),
    8: ("welcome", _WELCOME, "optional"),
    9: ("init", _INIT, "optional"),
    10: ("load", _LOAD, "optional"),
    11: ("step", _STEP, "optional"),
    12: ("eval", _EVAL, "optional"),
    13: ("stop", {}, "optional"),
}
_NUMBERS = {id(table): {row[0]: (number,) + row[1:] for number, row in table.items()} for table in (
    _TENSOR, _METRIC, _WORDS, _HELLO, _READY, _DONE, _RESULT, _BUSY, _WELCOME, _INIT, _LOAD, _STEP, _EVAL, _MESSAGE)}


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _put(number: int, kind: Any, value: Any) -> List[Buffer]:
    if kind in ("uint", "bool"):
        value = int(value)
        if not 0 <= value < 1 << 64:
            raise ValueError(f"{value} is no unsigned number of 64 bits")
        return [_varint(number << 3), _varint(value)]
    if kind == "double":
        return [_varint(number << 3 | 1), struct.pack("<d", value)]
    if kind == "text":
        value = value.encode("utf-8", "replace")
    parts = [value] if kind in ("text", "bytes") else _pack(kind, value)
    return [_varint(number << 3 | 2), _varint(sum(len(part) for part in parts)), *parts]


def _pack(table: Dict[int, Tuple], fields: Fields) -> List[Buffer]:
    parts: List[Buffer] = []
    numbers = _NUMBERS[id(table)] if table else {}
    for name, value in fields.items():
        number, kind, label = numbers[name]
        for item in value if label == "repeated" else [value]:
            parts += _put(number, kind, item)
    return parts


def encode(kind: str, /, **fields: Any) -> List[Buffer]:
    """A frame: u32 length (little-endian), then the message; as parts to be sent one after the other, so that long bytes are
    not copied on the way. Values of `bytes` fields may be any contiguous buffer of bytes."""
    number, table, _ = _NUMBERS[id(_MESSAGE)][kind]
    parts = _put(number, table, fields)
    return [struct.pack("<I", sum(len(part) for part in parts)), *parts]


class _Reader:
    """Takes one field after the other out of bytes."""

    def __init__(self, data: memoryview) -> None:
        self.data = data
        self.at = 0

    def more(self) -> bool:
        return self.at < len(self.data)

    def varint(self) -> int:
        value = shift = 0
        while True:
            if self.at >= len(self.data) or shift > 63:
                raise ProtocolError("a message that does not decode: a number without an end")
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value & (1 << 64) - 1
            shift += 7

    def take(self, length: int) -> memoryview:
        if length > len(self.data) - self.at:
            raise ProtocolError("a message that does not decode: a field beyond its end")
        self.at += length
        return self.data[self.at - length : self.at]

    def field(self) -> Tuple[int, int, Any]:
        """Number, wire type and value: an int for a number, else a view of the bytes."""
        tag = self.varint()
        number, wire = tag >> 3, tag & 7
        if number == 0:
            raise ProtocolError("a message that does not decode: field 0")
        if wire == 0:
            return number, wire, self.varint()
        if wire == 1:
            return number, wire, self.take(8)
        if wire == 2:
            return number, wire, self.take(self.varint())
        if wire == 5:
            return number, wire, self.take(4)
        raise ProtocolError(f"a message that does not decode: wire type {wire}")


def _value(name: str, kind: Any, wire: int, raw: Any) -> Any:
    wanted = 0 if kind in ("uint", "bool") else 1 if kind == "double" else 2
    if wire != wanted:
        raise ProtocolError(f"a message that does not decode: wire type {wire} for {name}")
    if kind == "uint":
        return raw
    if kind == "bool":
        return bool(raw)
    if kind == "double":
        return struct.unpack("<d", raw)[0]
    if kind == "text":
        return bytes(raw).decode("utf-8", "replace")
    return raw if kind == "bytes" else _unpack(name, kind, raw)


def _unpack(of: str, table: Dict[int, Tuple], data: memoryview) -> Fields:
    fields: Fields = {name: [] for name, _, label in table.values() if label == "repeated"}
    reader = _Reader(data)
    while reader.more():
        number, wire, raw = reader.field()
        if number not in table:
            continue  # of a later version, which says that it may be passed over
        name, kind, label = table[number]
        if label == "repeated":
            fields[name].append(_value(name, kind, wire, raw))
        else:
            fields[name] = _value(name, kind, wire, raw)
    for name, _, label in table.values():
        if label == "required" and name not in fields:
            raise ProtocolError(f"{of} without {name}")
    return fields


def decode(data: Buffer) -> Tuple[str, Fields]:
    """The message of a frame's body; ("", {}) for one of a kind that is not known here, which is to be passed over. Values of
    `bytes` fields are views of `data`. Raises ProtocolError."""
    reader = _Reader(memoryview(data))
    if not reader.more():
        raise ProtocolError("an empty message")
    kind, fields = "", {}
    while reader.more():
        number, wire, raw = reader.field()
        if number in _MESSAGE:
            kind, table, _ = _MESSAGE[number]
            fields = _value(kind, table, wire, raw)
    return kind, fields

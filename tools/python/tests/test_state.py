"""gossipd.state: bytes and back, in place."""

import math
import random
import struct
import unittest

import helper  # noqa: F401 - finds the package
import numpy as np
from gossipd import state
from gossipd.state import StateError


def same(a, b):
    """Equal in types, order and bits."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, float):
        return struct.pack("<d", a) == struct.pack("<d", b)
    if isinstance(a, np.random.Generator):
        return same(a.bit_generator.state, b.bit_generator.state)
    return a == b


SAMPLES = [
    None, True, False, 0, -1, 2**63 - 1, -(2**63), 2**63, -(2**200), 0.0, -0.0, 1.5, math.inf, math.nan, "", "Grüße\n\ud800", b"",
    b"\0\1", [], {}, (), (1, [2.0]), {"a": {"b": [1, {"c": None}]}}, {1: 2, "1": 3, 1.5: 4}, np.float32(1.1), np.int8(-3),
    np.bool_(True), np.zeros((0, 3)), np.array(7.0), np.arange(6, dtype=">i2").reshape(2, 3), np.array([True, False]),
    np.array([1 + 2j]), np.array(["a", "bcd"]), np.array([b"x", b"yz"]), np.array(["2026-01-01"], "M8[D]"), np.float16([1, 2]),
    {"w": np.arange(5.0), "n": 3, "m": [np.ones(3, np.float32), b"12345"]}, np.random.Generator(np.random.PCG64(1)),
    np.random.Generator(np.random.Philox(1)), np.random.Generator(np.random.MT19937(1)),
]


class StateTest(unittest.TestCase):
    def test_round_trip(self):
        for value in SAMPLES + [SAMPLES]:
            data = state.pack(value)
            self.assertTrue(same(state.unpack(data), value), value)
            self.assertEqual(state.pack(state.unpack(data)), data)
            self.assertEqual(len(data) % 8, 0)

    def test_known_bytes(self):
        """The format is kept in checkpoints: it must not change under its name."""
        header = b'{"dict":[["a",{"array":["<f4",[2]]}],["n",3]]}'
        header += b" " * (-len(header) % 8)
        wanted = b"GSPSTAT1" + struct.pack("<Q", len(header)) + header + struct.pack("<ff", 1, 2)
        self.assertEqual(state.pack({"a": np.float32([1, 2]), "n": 3}), wanted)

    def test_in_place(self):
        target = {"m": np.zeros(3), "deep": [{"v": np.zeros((2, 2))}, bytearray(2)], "n": 1, "g": np.random.default_rng(1)}
        m, deep, v, b, g = target["m"], target["deep"], target["deep"][0]["v"], target["deep"][1], target["g"]
        saved = {"m": np.arange(3.0), "deep": [{"v": np.eye(2)}, bytearray(b"xy")], "n": 2, "g": np.random.default_rng(2)}
        self.assertIs(state.restore(target, state.pack(saved)), target)
        self.assertIs(target["m"], m)
        self.assertIs(target["deep"], deep)
        self.assertIs(target["deep"][0]["v"], v)
        self.assertIs(target["deep"][1], b)
        self.assertIs(target["g"], g)
        self.assertTrue(same(target, saved))

    def test_other_shapes_replace(self):
        target = {"m": np.zeros(3), "gone": 1, "l": [1, 2, 3]}
        saved = {"l": [4], "m": np.ones(4), "new": "x"}
        state.restore(target, state.pack(saved))
        self.assertTrue(same(target, saved))

    def test_strided_target(self):
        base = np.zeros(6)
        target = {"even": base[::2]}
        state.restore(target, state.pack({"even": np.array([1.0, 2.0, 3.0])}))
        self.assertEqual(base.tolist(), [1, 0, 2, 0, 3, 0])

    def test_copies(self):
        data = bytearray(state.pack([np.ones(3)]))
        got = state.unpack(data)
        data[-8:] = bytes(8)
        self.assertEqual(got[0].tolist(), [1, 1, 1])

    def test_refused(self):
        loop = []
        loop.append(loop)
        for value, words in ((object(), "a object can't"), (np.array([None]), "arrays of object"), (loop, "hold itself"),
                             ({(1, 2): 3}, "a key is a tuple"), ({"a": [lambda: 0]}, r"\['a'\]\[0\]: a function"), (1j, "complex")):
            with self.assertRaisesRegex(StateError, words):
                state.pack(value)

    def test_damaged(self):
        """Whatever comes back ends in a state or in StateError."""
        draw = random.Random(5)
        data = state.pack(SAMPLES)
        for i in list(range(0, len(data), 7)):
            with self.assertRaises(StateError):
                state.unpack(data[:i])
        for _ in range(2000):
            bad = bytearray(data)
            for _ in range(draw.randint(1, 3)):
                bad[draw.randrange(len(bad))] = draw.randrange(256)
            try:
                state.unpack(bad)
            except StateError:
                pass
        for header in (b'{"array":["|O",[1]]}', b'{"array":["<f8",[-1]]}', b'{"array":["<f8",[1e99]]}', b'{"x":1}', b'{}',
                       b'{"generator":{"dict":[["bit_generator","RandomState"]]}}', b"[" * 100000, b'{"dict":[[[1],2]]}'):
            with self.assertRaises(StateError):
                state.unpack(b"GSPSTAT1" + struct.pack("<Q", len(header)) + header + bytes(64))


if __name__ == "__main__":
    unittest.main()

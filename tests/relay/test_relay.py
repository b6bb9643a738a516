#!/usr/bin/env python3
"""What the relay (tests/relay) does to the bytes it carries, and what it answers. Run in the folder of the build, or with it in
$abs_top_builddir."""

import os
import socket
import struct
import subprocess
import sys
import time
import unittest

sys.dont_write_bytecode = True
from relay import Refused, Relay, free_ports

RELAY = os.path.join(os.environ.get("abs_top_builddir", "."), "tests/relay/relay")
PATIENCE = 30  # seconds: how long what must come may take on a busy machine


class RelayTest(unittest.TestCase):
    def setUp(self):
        self.target = socket.create_server(("127.0.0.1", 0))
        self.target.settimeout(PATIENCE)
        self.start()

    def tearDown(self):
        self.assertEqual(self.relay.end(), 0)
        self.target.close()

    def start(self, seed=0):
        self.ports = free_ports(2)
        self.relay = Relay(RELAY, [(port, self.target.getsockname()[1]) for port in self.ports], seed)

    def restart(self, seed):
        self.assertEqual(self.relay.end(), 0)
        self.start(seed)

    def refused(self, command, reason):
        with self.assertRaisesRegex(Refused, reason):
            self.relay.tell(command)

    def dial(self, link=1):
        """Both ends of a connection through a link."""
        near = socket.create_connection(("127.0.0.1", self.ports[link - 1]), PATIENCE)
        far, _ = self.target.accept()
        far.settimeout(PATIENCE)
        self.addCleanup(near.close)
        self.addCleanup(far.close)
        return near, far

    def exactly(self, end, count):
        got = b""
        while len(got) < count:
            part = end.recv(count - len(got))
            self.assertTrue(part, f"ended after {len(got)} of {count} bytes")
            got += part
        return got

    def passes(self, source, sink, data=b"hello"):
        source.sendall(data)
        self.assertEqual(self.exactly(sink, len(data)), data)

    def nothing_comes(self, end):
        end.settimeout(0.3)
        with self.assertRaises(TimeoutError):
            end.recv(1)
        end.settimeout(PATIENCE)

    def until_reset(self, end):
        """The number of bytes that come before the reset."""
        count = 0
        while True:
            try:
                part = end.recv(65536)
            except ConnectionResetError:
                return count
            self.assertTrue(part, "an orderly end, not a reset")
            count += len(part)

    def test_carries(self):
        near, far = self.dial()
        data = os.urandom(3_000_000)
        for source, sink in ((near, far), (far, near)):
            child = os.fork()  # so that both ends are served at once
            if child == 0:
                source.sendall(data)
                os._exit(0)
            self.assertEqual(self.exactly(sink, len(data)), data)
            os.waitpid(child, 0)
        near.shutdown(socket.SHUT_WR)
        self.assertEqual(far.recv(1), b"")
        self.passes(far, near)  # one half may end before the other
        far.close()
        self.assertEqual(near.recv(1), b"")
        self.assertIn("link 1 open=", self.relay.tell("show")[0])
        self.assertIn("a=3000000 b=3000005", self.relay.tell("show")[0])

    def test_reset_is_passed_on(self):
        near, far = self.dial()
        far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        far.close()
        self.until_reset(near)

    def test_sending_to_who_is_gone(self):
        near, far = self.dial()
        far.close()
        self.assertEqual(near.recv(1), b"")
        with self.assertRaises((ConnectionResetError, BrokenPipeError)):
            while True:
                near.sendall(b"?")
                time.sleep(0.01)
        self.relay.tell("show")

    def test_nobody_at_the_target(self):
        self.target.close()
        try:
            near = socket.create_connection(("127.0.0.1", self.ports[0]), PATIENCE)
            self.until_reset(near)
            near.close()
        except ConnectionResetError:
            pass  # before connect was back, even
        self.target = socket.create_server(("127.0.0.1", 0))

    def test_delay(self):
        near, far = self.dial()
        self.relay.tell("delay 1 400ms")
        begin = time.monotonic()
        self.passes(near, far)
        self.passes(far, near)
        self.assertGreaterEqual(time.monotonic() - begin, 0.79)
        self.relay.tell("delay all 0ms 50ms")
        for i in range(20):  # jitter lets nothing overtake
            near.sendall(bytes([i]))
            time.sleep(0.005)
        self.assertEqual(self.exactly(far, 20), bytes(range(20)))

    def test_rate(self):
        near, far = self.dial()
        self.relay.tell("rate 1 20k")
        begin = time.monotonic()
        self.passes(near, far, os.urandom(10000))
        self.assertGreaterEqual(time.monotonic() - begin, 0.45)
        self.relay.tell("heal 1")
        self.passes(near, far, os.urandom(200000))

    def test_stall(self):
        near, far = self.dial()
        self.relay.tell("stall 1 a")
        near.sendall(b"later")
        self.passes(far, near)
        self.nothing_comes(far)
        other = self.dial(2)
        self.passes(*other)  # the other link knows nothing of it
        self.relay.tell("heal all")
        self.assertEqual(self.exactly(far, 5), b"later")

    def test_stall_is_felt(self):
        near, far = self.dial()
        self.relay.tell("stall 1")
        near.settimeout(0.5)
        sent = 0
        with self.assertRaises(TimeoutError):
            while True:
                sent += near.send(bytes(65536))
        self.relay.tell("heal 1")
        self.exactly(far, sent)

    def test_cut(self):
        near, far = self.dial()
        self.relay.tell("cut 1 b")
        self.passes(near, far)
        far.sendall(b"lost")
        self.nothing_comes(near)
        self.relay.tell("heal 1")
        self.assertEqual(self.until_reset(near), 0)
        self.until_reset(far)
        self.passes(*self.dial())

    def test_cut_that_nobody_met(self):
        near, far = self.dial()
        self.relay.tell("cut 1")
        self.relay.tell("heal 1")
        self.passes(near, far)

    def test_refuse(self):
        near, far = self.dial()
        self.relay.tell("refuse 1")
        self.passes(near, far)
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", self.ports[0]), PATIENCE)
        self.relay.tell("heal 1")
        self.passes(*self.dial())

    def test_reset(self):
        near, far = self.dial()
        self.relay.tell("reset 1,2")
        self.until_reset(near)
        self.until_reset(far)
        self.passes(*self.dial())

    def test_reset_after(self):
        for count in (1, 5, 20000):
            self.relay.tell(f"reset 1 after {count}")
            near, far = self.dial()
            near.sendall(bytes(60000))
            self.assertEqual(self.until_reset(far), count)
            self.until_reset(near)
        self.relay.tell("heal 1")
        self.passes(*self.dial(), data=bytes(30000))

    def positions(self, count):
        self.relay.tell("reset 1 within 1000")
        found = []
        for _ in range(count):
            near, far = self.dial()
            near.sendall(bytes(1000))
            found.append(self.until_reset(far))
        return found

    def test_reset_within(self):
        self.restart(7)
        first = self.positions(6)
        self.restart(7)
        self.assertEqual(self.positions(6), first)
        self.restart(8)
        self.assertNotEqual(self.positions(6), first)
        self.assertTrue(all(1 <= position <= 1000 for position in first))
        self.assertGreater(len(set(first)), 1)

    def test_what_it_does_not_understand(self):
        self.refused("", "no command")
        self.refused("dealy 1 5ms", "no such command")
        self.refused("stall", "which links")
        self.refused("delay 1", "number of words")
        self.refused("delay 1 5", "ms or s")
        self.refused("delay 3 5ms", "no such link")
        self.refused("delay 1,x 5ms", "no such link")
        self.refused("rate 1 fast", "bytes a second")
        self.refused("stall 1 c", "direction")
        self.refused("reset 1 soon", "usage: reset")
        self.refused("reset 1 after 0", "usage: reset")
        self.refused("cut 1 a b c d", "too many words")

    def test_arguments(self):
        for words in ([], ["x"], ["1:2:3"], ["0:5"], ["--seed", "x", "5:6"], ["--seed", "5"]):
            result = subprocess.run([RELAY, *words], stdin=subprocess.PIPE, capture_output=True, text=True)
            self.assertEqual(result.returncode, 64, words)
            self.assertIn("usage: relay", result.stderr)
        taken = subprocess.run([RELAY, f"{self.ports[0]}:1"], input="", capture_output=True, text=True)
        self.assertEqual(taken.returncode, 1)
        self.assertIn("address already in use", taken.stderr)


if __name__ == "__main__":
    unittest.main()

"""gossipd.Worker against a daemon that the test plays: what they say to each other."""

import hashlib
import struct
import unittest

import helper
import numpy as np
from gossipd import Worker, messages
from gossipd.step import generator
from loops import D, descend, momentum

KNOWN_NUMBERS = [649, 374, 352, 748]


class Conversation(helper.WorkerTest):
    def test_hello(self):
        daemon = self.start(lambda a: descend(a, fingerprint="mine", rows=12))
        hello = daemon.handshake()
        self.assertEqual((hello["version_min"], hello["version_max"], hello["model"], hello["dimension"], hello["dtype"]),
                         (1, 1, "plain", D, messages.F32))
        self.assertEqual((hello["inline_vectors"], hello["evaluates"], hello["state_max"], hello["rows"]), (False, False, 0, 12))
        self.assertRegex(hello["fingerprint"], r"^mine; numpy [0-9.]+, threads \d+$")
        self.assertNotIn("x0_digest", hello)
        self.stopped()

    def test_steps(self):
        daemon = self.start(descend)
        daemon.handshake()
        self.assertFalse(daemon.init().get("x0", False))
        x = np.arange(D, dtype=np.float32)
        done = daemon.step(1, x)
        self.assertEqual(done["vector"].tobytes(), x.tobytes())
        self.assertEqual((done["kind"], done["loss"], done["rows"]), (messages.GRADIENT, 15.0, 3))
        self.assertEqual(done["metrics"], [{"name": "norm", "value": 1.0}])
        self.assertNotIn("state_length", done)
        self.assertEqual(daemon.step(2, x, save=True)["state_length"], 0)
        self.assertEqual(daemon.step(2, -x, attempt=2)["vector"].tobytes(), (-x).tobytes())
        self.stopped()

    def test_what_a_step_knows(self):
        seen = []

        def body(address):
            for step in Worker(D, address=address, dtype="float64"):
                seen.append((step.round, step.rounds, step.attempt, step.seed, step.eta, step.node, step.run, step.run_id,
                             step.settings, step.save, step.x.dtype, step.x.shape, step.rng.integers(0, 1 << 60, 2).tolist()))
                with self.assertRaises(ValueError):
                    step.x[0] = 1
                step.vector[:] = 7
                step.gradient(step.vector)

        daemon = self.start(body)
        daemon.handshake()
        daemon.init(epoch=3, seed=2**64 - 1, rounds=9, settings="a=b=c\nd=\n")
        done = daemon.step(4, attempt=2, eta=0.25)
        self.assertEqual(done["vector"].tolist(), [7] * D)
        self.assertNotIn("loss", done)
        self.stopped()
        numbers = generator(2**64 - 1, "n001", 4).integers(0, 1 << 60, 2).tolist()
        self.assertEqual(seen, [(4, 9, 2, 2**64 - 1, 0.25, "n001", 3, "03" * 16, {"a": "b=c", "d": ""}, False, np.dtype("f8"),
                                 (D,), numbers)])

    def test_numbers_that_are_none(self):
        """What is not finite is absent from the messages."""
        def body(address):
            with Worker(D, address=address) as worker:
                for step in worker:
                    step.gradient(step.x, loss=np.float32("nan"), metrics={"a": np.inf, "b": 1})

        daemon = self.start(body)
        daemon.handshake()
        daemon.init()
        done = daemon.step(1)
        self.assertNotIn("loss", done)
        self.assertEqual(done["metrics"], [{"name": "a"}, {"name": "b", "value": 1.0}])
        self.stopped()

    def test_random_numbers(self):
        """They are part of what a run comes to: the same for ever, and others for another seed, node or round."""
        self.assertEqual(generator(7, "n001", 1).integers(0, 1000, 4).tolist(), KNOWN_NUMBERS)
        first = [generator(*key).integers(1 << 60) for key in ((7, "n001", 1), (8, "n001", 1), (7, "n002", 1), (7, "n001", 2))]
        self.assertEqual(len(set(first)), 4)

    def test_evaluate(self):
        daemon = self.start(momentum)
        self.assertTrue(daemon.handshake()["evaluates"])
        daemon.init()
        self.assertEqual(daemon.evaluate(0, np.full(D, 2.0)), {"accuracy": 2.0 * D})
        self.stopped()

    def test_x0(self):
        for inline in (False, True):
            daemon = self.start(lambda a, inline=inline: momentum(a, inline))
            self.assertEqual(daemon.handshake()["x0_digest"], hashlib.blake2b(np.ones(D).tobytes(), digest_size=16).digest())
            ready = daemon.init()
            self.assertTrue(ready["x0"])
            self.assertEqual(ready["vector"].tolist(), [1] * D)
            self.stopped()

    def test_load_gives_the_very_state(self):
        """Ten rounds equal five and five of another worker that was given the state; inline as in shared memory."""
        results = set()
        for inline in (False, True):
            for cut in (None, 5):
                daemon = self.start(lambda a, inline=inline: momentum(a, inline))
                daemon.handshake()
                x = daemon.init()["vector"]
                x, state = daemon.train(x, 1, cut or 10, save_at=cut or 10)
                if cut:
                    self.stopped()
                    daemon = self.start(lambda a, inline=inline: momentum(a, inline))
                    daemon.handshake()
                    daemon.init()
                    daemon.load(5, x, state)
                    x, state = daemon.train(x, 6, 10, save_at=10)
                self.stopped()
                results.add((x.tobytes(), state))
        self.assertEqual(len(results), 1)

    def test_going_back(self):
        """LOAD in the middle of a run, and INIT, put the state to what it was."""
        daemon = self.start(momentum)
        daemon.handshake()
        x0 = daemon.init()["vector"]
        x3, state = daemon.train(x0, 1, 3, save_at=3)
        once, _ = daemon.train(x3, 4, 8)
        daemon.load(3, x3, state)
        self.assertEqual(daemon.train(x3, 4, 8)[0].tobytes(), once.tobytes())
        daemon.load(0, x0, b"")
        self.assertEqual(daemon.train(x0, 1, 8)[0].tobytes(), once.tobytes())
        daemon.init(epoch=2)
        self.assertEqual(daemon.train(x0, 1, 8)[0].tobytes(), once.tobytes())
        daemon.init(epoch=3, seed=8)
        self.assertNotEqual(daemon.train(x0, 1, 8)[0].tobytes(), once.tobytes())
        self.stopped()

    def test_busy(self):
        def body(address):
            with Worker(D, address=address) as worker:
                for step in worker:
                    step.busy(12.5)
                    step.gradient(np.zeros(D))

        daemon = self.start(body)
        daemon.handshake()
        daemon.init()
        daemon.ask(1)
        self.assertEqual(daemon.expect("busy"), {"seconds": 12.5})
        daemon.expect("done")
        self.stopped()

    def test_end_of_stream(self):
        daemon = self.start(descend)
        daemon.handshake()
        daemon.init()
        daemon.ask(1)
        daemon.close()
        self.assertIsNone(self.ended())

    def test_messages_of_a_later_version(self):
        """Fields and messages that are not known are passed over."""
        daemon = self.start(descend)
        daemon.handshake()
        daemon.end.sendall(struct.pack("<I", 4) + b"\xa2\x06\x01x")  # field 100
        init = b"".join(messages.encode("init", epoch=1, run_id=bytes(16), seed=1, rounds=1, node="n001", settings=""))[4:]
        daemon.end.sendall(struct.pack("<I", len(init) + 4) + init + b"\xa2\x06\x01x")
        daemon.expect("ready")
        self.stopped()


if __name__ == "__main__":
    unittest.main()

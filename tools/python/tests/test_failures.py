"""gossipd.Worker when something goes wrong: in the loop, at the daemon, between them."""

import os
import socket
import unittest

import helper
import numpy as np
from gossipd import Abort, Error, ProtocolError, Refused, StateError, Worker, messages
from loops import D, descend, momentum


class Failures(helper.WorkerTest):
    def after_init(self, body):
        daemon = self.start(body)
        daemon.handshake()
        daemon.init()
        return daemon

    def failing(self, act, **words):
        """What the daemon gets, and what leaves the loop, when the body does `act`."""
        def body(address):
            with Worker(D, address=address, **words) as worker:
                for step in worker:
                    act(worker, step)

        daemon = self.after_init(body)
        daemon.ask(1)
        kind, fields = daemon.receive()
        return kind, fields.get("text", ""), self.ended()

    def test_exception(self):
        def act(worker, step):
            raise RuntimeError("é" * 3000 + " the end")

        kind, text, raised = self.failing(act)
        self.assertEqual(kind, "error")
        self.assertIsInstance(raised, RuntimeError)
        self.assertLessEqual(len(text.encode()), 4000)
        self.assertTrue(text.endswith("the end\n"))

    def test_no_control_characters(self):
        def act(worker, step):
            raise RuntimeError("a tab\there, \x1b[1m bold, \x85 half a pair \ud800, \u00fcber\nall")

        kind, text, _ = self.failing(act)
        self.assertEqual(kind, "error")
        self.assertIn("a tab here,  [1m bold,   half a pair  , \u00fcber\nall", text)

    def test_traceback(self):
        kind, text, _ = self.failing(lambda worker, step: step.no_such_thing)
        self.assertEqual(kind, "error")
        self.assertIn("test_failures.py", text)
        self.assertIn("AttributeError: 'Step' object has no attribute 'no_such_thing'", text)

    def test_exception_after_the_answer(self):
        """The step is not done: the state may be changed by half."""
        def act(worker, step):
            step.gradient(np.zeros(D))
            raise RuntimeError("late")

        self.assertEqual(self.failing(act)[0], "error")

    def test_control_characters_in_names(self):
        def act(worker, step):
            raise RuntimeError

        self.failing(act, fingerprint="mine\tand yours")
        self.assertTrue(self.daemon.hello["fingerprint"].startswith("mine and yours"))
        with self.assertRaises(ValueError):
            Worker(D, address="fd:0", name="a\tb")

    def test_abort(self):
        def act(worker, step):
            raise Abort("no data here")

        kind, text, raised = self.failing(act)
        self.assertEqual((kind, text), ("abort", "no data here"))
        self.assertIsInstance(raised, Abort)

    def test_no_answer(self):
        kind, text, raised = self.failing(lambda worker, step: None)
        self.assertEqual(kind, "error")
        self.assertRegex(str(raised), "without step.gradient or step.update in round 1")

    def test_two_answers(self):
        def act(worker, step):
            step.gradient(np.zeros(D))
            step.update(np.zeros(D))

        self.assertRegex(str(self.failing(act)[2]), "answered already")

    def test_wrong_length(self):
        kind, text, raised = self.failing(lambda worker, step: step.gradient(np.zeros(D + 1)))
        self.assertEqual((kind, str(raised)), ("error", "6 values for a vector of 5"))

    def test_metric_names(self):
        for name in ("", "a b", "x" * 33, "é"):
            raised = self.failing(lambda worker, step, name=name: step.gradient(np.zeros(D), metrics={name: 1}))[2]
            self.assertRegex(str(raised), "the metric")

    def test_break_finishes_the_step(self):
        def body(address):
            with Worker(D, address=address) as worker:
                for step in worker:
                    step.gradient(np.zeros(D))
                    break

        daemon = self.after_init(body)
        daemon.step(1)
        self.assertIsNone(self.ended())

    def test_failed_and_on(self):
        """A worker may fail in a step, say so itself, and be given it again."""
        def body(address):
            with Worker(D, address=address) as worker:
                for step in worker:
                    if step.attempt == 1:
                        worker.failed("not yet")
                    else:
                        step.gradient(np.zeros(D))

        daemon = self.after_init(body)
        daemon.ask(1)
        self.assertEqual(daemon.expect("error"), {"text": "not yet"})
        daemon.step(1, attempt=2)
        self.stopped()

    def test_evaluation_fails(self):
        def body(address):
            with Worker(D, address=address) as worker:
                worker.evaluate = lambda x: x[D]
                for _ in worker:
                    pass

        daemon = self.after_init(body)
        daemon.send("eval", round=0)
        self.assertIn("IndexError", daemon.expect("error")["text"])
        self.assertIsInstance(self.ended(), IndexError)

    def test_state_outgrown(self):
        def body(address):
            with Worker(D, address=address) as worker:
                worker.state = {"text": ""}
                for step in worker:
                    worker.state["text"] += "x" * 50000
                    step.gradient(np.zeros(D))

        daemon = self.after_init(body)
        daemon.step(1, save=True)
        daemon.ask(2, save=True)
        self.assertIn("give state_max=", daemon.expect("abort")["text"])
        self.assertIsInstance(self.ended(), Abort)

    def test_state_that_cannot_be_saved(self):
        def body(address):
            with Worker(D, address=address) as worker:
                worker.state = {"f": print}
                for _ in worker:
                    pass

        self.start(body)
        self.assertIsInstance(self.ended(), StateError)

    def test_refused(self):
        daemon = self.start(descend)
        daemon.expect("hello")
        daemon.send("error", text="another worker is here")
        daemon.close()
        raised = self.ended()
        self.assertIsInstance(raised, Refused)
        self.assertEqual(str(raised), "another worker is here")

    def test_refused_while_answering(self):
        """The reason is read, though the answer can't be sent any more."""
        daemon = self.after_init(descend)
        last = messages.encode("step", round=1, attempt=1, eta=1.0, save=False) + messages.encode("error", text="no such step")
        daemon.end.sendall(b"".join(last))
        daemon.close()
        self.assertEqual(str(self.ended()), "no such step")

    def test_garbage(self):
        frames = {
            b"\xff\xff\xff\xff": "a message of 4294967295 bytes",
            b"\0\0\0\0": "an empty message",
            b"\2\0\0\0\x4a\x7f": "a field beyond its end",
            b"\1\0\0\0\xff": "a number without an end",
            b"\2\0\0\0\x5a\x00": "step without round",
            b"\2\0\0\0\x48\x01": "wire type 0 for init",
            b"\2\0\0\0\x4b\x00": "wire type 3",
            b"".join(messages.encode("step", round=1, attempt=1, eta=1.0, save=False)): "STEP before INIT",
            b"".join(messages.encode("load", round=1, state_length=0)): "LOAD before INIT",
            b"".join(messages.encode("eval", round=1)): "does not evaluate",
            b"".join(messages.encode("busy", seconds=1.0)): "BUSY, which is for workers",
            b"".join(messages.encode("welcome", version=1, node="n")): "WELCOME",
        }
        for frame, words in frames.items():
            daemon = self.start(descend)
            daemon.handshake()
            daemon.end.sendall(frame)
            self.assertIn(words, daemon.expect("error")["text"])
            self.assertIsInstance(self.ended(), ProtocolError)

    def test_state_that_is_not_ours(self):
        for data, words in ((b"x" * 64, "no state that this package has saved"), (bytes(100000), "were announced")):
            daemon = self.start(lambda a: momentum(a, inline=True))
            daemon.handshake()
            daemon.init()
            daemon.send("load", round=1, state_length=len(data), state=data)
            self.assertIn(words, daemon.expect("error")["text"])
            self.assertIsInstance(self.ended(), Error)

    def test_memory_that_will_not_do(self):
        size = 2 * 64
        good = {"version": 1, "node": "n", "size": size, "x_offset": 0, "vector_offset": 64, "state_offset": 0}
        for changed, sealed, words in (({}, False, "may shrink"), ({"size": size + 1}, True, "not as large"),
                                       ({"x_offset": size - 8}, True, "no room for x"),
                                       ({"vector_offset": 3}, True, "no room for vec"),
                                       ({"x_offset": 2**64 - 1}, True, "no room"), ({"version": 2}, True, "answered HELLO")):
            daemon = self.start(descend)
            daemon.expect("hello")
            descriptor = os.memfd_create("test", os.MFD_ALLOW_SEALING)
            os.ftruncate(descriptor, size)
            if sealed:
                helper.fake_daemon.fcntl.fcntl(descriptor, 1033, 6)
            socket.send_fds(daemon.end, [b"".join(messages.encode("welcome", **dict(good, **changed)))], [descriptor])
            os.close(descriptor)
            self.assertIn(words, daemon.expect("error")["text"])
            self.ended()
        daemon = self.start(descend)
        daemon.expect("hello")
        daemon.send("welcome", **good)
        self.assertIn("0 descriptors came", daemon.expect("error")["text"])
        self.ended()

    def test_arguments(self):
        with self.assertRaisesRegex(Error, r"start it by gossipd \(\[Worker\] Command|Start it by gossipd"):
            Worker(D)
        for words, text in (({"dtype": "int32"}, "float32 and float64"), ({"name": "x" * 65}, "64 bytes"),
                            ({"x0": [1.0]}, "1 values"), ({"dimension": 0}, "1 at least")):
            with self.assertRaisesRegex(ValueError, text):
                Worker(**{"dimension": D, "address": "nowhere", **words})
        for address in ("fd:x", "fd:999", f"fd:{os.open('/dev/null', os.O_RDONLY)}"):
            with self.assertRaisesRegex(Error, "only gossipd sets it so"):
                Worker(D, address=address)


if __name__ == "__main__":
    unittest.main()

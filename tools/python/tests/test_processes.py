"""gossipd.Worker as a program: started by the daemon, or attached to it; ended, killed, left alone."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

import helper
import numpy as np
from fake_daemon import PATIENCE, FakeDaemon
from gossipd import Error
from loops import descend, momentum


class Processes(helper.WorkerTest):
    def begin(self, text):
        daemon, process = self.script(text)
        daemon.handshake()
        daemon.init()
        return daemon, process

    def test_started(self):
        """The descriptor is not handed on; the daemon's end is exit 0."""
        daemon, process = self.begin("""
            import gossipd, subprocess
            with gossipd.Worker(3) as worker:
                for step in worker:
                    child = subprocess.run("ls -l /proc/self/fd", shell=True, capture_output=True, text=True, close_fds=False)
                    step.gradient([child.stdout.count("socket:")] * 3)
            """)
        self.assertEqual(daemon.step(1)["vector"].tolist(), [0] * 3)
        daemon.close()
        self.process_ended(process, 0)

    def test_exception_without_with(self):
        daemon, process = self.begin("""
            import gossipd
            for step in gossipd.Worker(3):
                1 / 0
            """)
        daemon.ask(1)
        self.assertIn("ZeroDivisionError", daemon.expect("error")["text"])
        with self.assertRaises(EOFError):
            daemon.receive()
        self.assertIn("ZeroDivisionError", self.process_ended(process, 1))

    def test_break_without_with(self):
        daemon, process = self.begin("""
            import gossipd
            worker = gossipd.Worker(3)
            for step in worker:
                step.gradient([1, 2, 3])
                break
            """)
        daemon.step(1)
        self.process_ended(process, 0)

    def test_exception_with_with(self):
        daemon, process = self.begin("""
            import gossipd
            with gossipd.Worker(3) as worker:
                for step in worker:
                    1 / 0
            """)
        daemon.ask(1)
        daemon.expect("error")
        with self.assertRaises(EOFError):
            daemon.receive()
        self.assertIn("Traceback", self.process_ended(process, 1))

    def test_killed_in_a_step(self):
        """The daemon sees the end of the stream, and a new process goes on from what was saved."""
        script = """
            import os, signal, sys, numpy as np, gossipd
            with gossipd.Worker(3, dtype="float64") as worker:
                worker.state = {"sum": np.zeros(3)}
                for step in worker:
                    worker.state["sum"] += step.rng.standard_normal(3)
                    if step.round == int(sys.argv[1]):
                        os.kill(os.getpid(), signal.SIGKILL)
                    step.gradient(step.x + worker.state["sum"])
            """
        whole, _ = self.script(script, 0)
        whole.handshake()
        whole.init()
        x, _ = whole.train(np.zeros(3), 1, 6)
        killed, process = self.script(script, 5)
        killed.handshake()
        killed.init()
        y, state = killed.train(np.zeros(3), 1, 4, save_at=4)
        killed.ask(5, y)
        with self.assertRaises((EOFError, ConnectionError)):
            killed.receive()
        process.wait(PATIENCE)
        self.assertEqual(process.returncode, -signal.SIGKILL)
        again, _ = self.script(script, 0)
        again.handshake()
        again.init()
        again.load(4, y, state)
        y, _ = again.train(y, 5, 6)
        self.assertEqual(x.tobytes(), y.tobytes())

    def test_not_set(self):
        environment = {**os.environ, "PYTHONPATH": helper.PACKAGE}
        environment.pop("GOSSIPD_WORKER", None)
        result = subprocess.run([sys.executable, "-c", "import gossipd; gossipd.Worker(3)"], env=environment, capture_output=True,
                                text=True)
        self.assertEqual(result.returncode, 1)
        self.assertIn("[Worker] Command = ...", result.stderr)


class Attached(helper.WorkerTest):
    def listen(self, path):
        folder = os.open(os.path.dirname(path), os.O_PATH)
        server = socket.socket(socket.AF_UNIX)
        server.bind(f"/proc/self/fd/{folder}/{os.path.basename(path)}")
        os.close(folder)
        server.listen()
        server.settimeout(PATIENCE)
        self.addCleanup(server.close)
        return server

    def accept(self, server):
        end, _ = server.accept()
        daemon = FakeDaemon(end)
        self.addCleanup(daemon.close)
        daemon.handshake()
        return daemon

    def test_reconnects(self):
        """It waits for the daemon's first and second life, at a path longer than an address may be, and ends with STOP."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = os.path.join(folder.name, "x" * 120, "worker.sock")
        os.mkdir(os.path.dirname(path))
        thread = threading.Thread(target=momentum, args=(path,), daemon=True)
        thread.start()
        server = self.listen(path)
        daemon = self.accept(server)
        x, state = daemon.train(daemon.init()["vector"], 1, 3, save_at=3)
        once, _ = daemon.train(x, 4, 6)
        daemon.ask(7, once)
        daemon.close()
        server.close()
        os.unlink(path)
        daemon = self.accept(self.listen(path))
        daemon.init()
        daemon.load(3, x, state)
        self.assertEqual(daemon.train(x, 4, 6)[0].tobytes(), once.tobytes())
        daemon.send("stop")
        thread.join(PATIENCE)
        self.assertFalse(thread.is_alive())

    def test_no_way_there(self):
        with self.assertRaisesRegex(Error, "Not a directory"):
            descend("/dev/null/worker.sock")


if __name__ == "__main__":
    unittest.main()

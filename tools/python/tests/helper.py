"""What the tests share: the fake daemon, and workers in threads or processes."""

import contextlib
import io
import os
import socket
import subprocess
import sys
import textwrap
import threading
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(os.path.join(HERE, "../../.."))
PACKAGE = os.path.abspath(os.path.join(HERE, ".."))
sys.path[:0] = [PACKAGE, os.path.join(ROOT, "tests/worker")]

import fake_daemon  # noqa: E402,F401 - for who imports this
from fake_daemon import FakeDaemon, PATIENCE  # noqa: E402


class WorkerTest(unittest.TestCase):
    """A worker in a thread of this process, and the daemon in the test's own."""

    def start(self, body):
        """Runs body(address) in a thread; what it raised is in self.raised after self.ended()."""
        near, far = socket.socketpair()
        number = os.dup(far.fileno())
        far.close()
        self.raised = None

        def run():
            try:
                with contextlib.redirect_stderr(io.StringIO()):
                    body(f"fd:{number}")
            except BaseException as reason:  # noqa: B902 - the test looks at it
                self.raised = reason

        self.thread = threading.Thread(target=run, daemon=True)
        self.thread.start()
        self.daemon = FakeDaemon(near)
        self.addCleanup(self.daemon.close)
        return self.daemon

    def ended(self):
        """Waits for the worker's end, and returns what it raised."""
        self.thread.join(PATIENCE)
        self.assertFalse(self.thread.is_alive())
        return self.raised

    def stopped(self):
        self.daemon.send("stop")
        self.assertIsNone(self.ended())
        with self.assertRaises(EOFError):
            self.daemon.receive()

    def script(self, text, *arguments):
        """A daemon and the process of a worker that this text is the program of."""
        return self.command([sys.executable, "-c", textwrap.dedent(text), *map(str, arguments)])

    def command(self, command):
        environment = {"PYTHONPATH": PACKAGE, "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        daemon, process = fake_daemon.start(command, env=environment, stderr=subprocess.PIPE, text=True)

        def clean():
            daemon.close()
            if process.returncode is None:
                process.communicate(timeout=PATIENCE)
            process.stderr.close()

        self.addCleanup(clean)
        return daemon, process

    def process_ended(self, process, code):
        """Waits for a process; returns what it wrote to stderr."""
        _, said = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, code, said)
        return said

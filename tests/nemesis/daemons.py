"""Nine daemons in a folder, each a process that may be killed, frozen and started again."""

import json
import os
import signal
import subprocess
import sys

import workers
from schedule import NAMES, NODES

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../relay"))
from relay import Refused, Relay, free_ports  # noqa: E402,F401 - for who imports this

HANGS = 600  # seconds: longer than any program here may take on any machine


class Failure(Exception):
    """What the run showed that must not be."""


class Node:
    def __init__(self, number):
        self.number = number
        self.name = NAMES[number]
        self.process = None
        self.down = self.frozen = 0  # how many faults keep it so
        self.wall_clock = 0  # seconds that its wall clock is off by
        self.uptime = 0  # what its monotonic clock is ahead by at the next start
        self.before = []  # words before the daemon's own on its command line

    @property
    def up(self):
        return self.process is not None and not self.down and not self.frozen


class Daemons:
    """A torus made by `gossipctl init` in the folder net, which becomes the working folder: a control socket's path must be short."""

    def __init__(self, build, data, *options):
        self.build = build
        self.nodes = [Node(number) for number in range(NODES)]
        self.wall_clock_jumps = not self.sanitized()  # a sanitizer must be the first library
        self.new_clocks = subprocess.run(["unshare", "-T", "true"], stderr=subprocess.DEVNULL).returncode == 0
        words = ["init", "--nodes", str(NODES), "--topology", "torus", "--dir", "net", "--data", data, *options]
        self.tool("gossipctl", *words)
        os.chdir("net")
        for node in self.nodes:
            self.set_wall_clock(node, 0)

    # ---- programs ----

    def program(self, name):
        return os.path.join(self.build, name)

    def tool(self, name, *words, check=True):
        words = [self.program(name), *words]
        try:
            result = subprocess.run(words, capture_output=True, text=True, timeout=HANGS)
        except subprocess.TimeoutExpired as late:
            raise Failure(f"{' '.join(words)}: no end within {HANGS} s") from late
        if check and result.returncode != 0:
            raise Failure(f"{' '.join(words)}: exit code {result.returncode}: {result.stderr.strip()}")
        return result

    def ctl(self, node, *words, check=True):
        return self.tool("gossipctl", "-s", f"{node.name}/state/control.sock", *words, check=check)

    def status(self, node):
        """The daemon's status, or None while it can't tell."""
        result = self.ctl(node, "status", "--json", check=False)
        return json.loads(result.stdout) if result.returncode == 0 else None

    # ---- processes ----

    def set_wall_clock(self, node, seconds):
        node.wall_clock = seconds
        with open(f"{node.name}/wallclock", "w", encoding="ascii") as out:
            out.write(str(seconds))

    def start(self, node):
        words = list(node.before)
        if node.uptime and self.new_clocks:
            words += ["unshare", "-T", "--monotonic", str(node.uptime), "--boottime", str(node.uptime)]
        environment = dict(os.environ, OPENBLAS_NUM_THREADS="1")
        if self.wall_clock_jumps:
            clock = self.program("tests/nemesis/.libs/wallclock.so")
            words += ["env", f"LD_PRELOAD={clock}", f"WALLCLOCK_OFFSET={os.path.abspath(node.name)}/wallclock"]
        words += [self.program("gossipd"), "-c", f"{node.name}/gossipd.conf"]
        with open(f"{node.name}/log", "ab") as log:
            node.process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, start_new_session=True
            )

    def workers(self, node):
        """What the daemon has started, now."""
        return workers.processes(node.process.pid) if node.process is not None else []

    def sanitized(self):
        with open(self.program("gossipd"), "rb") as program:
            text = program.read()
        return b"__asan_init" in text or b"__tsan_init" in text

    def signal(self, node, number):
        if node.process is not None and node.process.poll() is None:
            node.process.send_signal(number)

    def reap(self, node):
        """Whether the process is gone; how it ended must be what was done to it."""
        code = node.process.poll() if node.process is not None else 0
        if code is None:
            return False
        # One that is told to stop in its first moments knows no better than to die.
        if code not in (0, -signal.SIGKILL) and not (code == -signal.SIGTERM and node.down):
            raise Failure(f"gossipd of {node.name} ended with {code}; see {node.name}/log")
        node.process = None
        return True

    def check_alive(self):
        for node in self.nodes:
            if not node.down and self.reap(node):
                raise Failure(f"gossipd of {node.name} ended by itself; see {node.name}/log")

    def end(self):
        left = [worker for node in self.nodes for worker in self.workers(node)]
        for node in self.nodes:
            self.signal(node, signal.SIGKILL)
        for node in self.nodes:
            if node.process is not None:
                node.process.wait()
        workers.kill(left)

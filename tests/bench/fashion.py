"""Nine daemons on loopback with the demo's data, for measurements with real processes."""

import os
import sys
import tempfile
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../nemesis"))
from daemons import Daemons, Failure, free_ports  # noqa: E402

IMAGES = "/usr/share/datasets/fashion-mnist"
ENDS = ("done", "stopped", "failed")


class FashionDaemons(Daemons):
    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="gossip-bench-")
        build = os.path.abspath(os.environ.get("BUILD", "build"))
        self.home = os.getcwd()
        os.chdir(self.folder.name)
        endpoints = ",".join(f"127.0.0.1:{port}" for port in free_ports(9))
        data = f"train={IMAGES}/train-images-idx3-ubyte.gz,labels={IMAGES}/train-labels-idx1-ubyte.gz,bias=yes"
        super().__init__(build, data, "--sort-labels", "--endpoints", endpoints)
        self.wall_clock_jumps = False

    def __enter__(self):
        for node in self.nodes:
            self.start(node)
        self.wait("idle")
        return self

    def __exit__(self, *what):
        self.end()
        os.chdir(self.home)
        self.folder.cleanup()

    def wait(self, *phases, run=0):
        """Until all nodes are in one of the phases, in that run or a later one."""
        while True:
            self.check_alive()
            statuses = [self.status(node) for node in self.nodes]
            if all(status and status["phase"] in phases and (status["run"] or 0) >= run for status in statuses):
                return statuses
            time.sleep(0.2)

    def begin(self, *settings):
        self.ctl(self.nodes[0], "start", *settings)
        return self.status(self.nodes[0])["run"]

    def train(self, *settings):
        """A whole run. Returns the status of the node that took longest."""
        statuses = self.wait(*ENDS, run=self.begin(*settings))
        if statuses[0]["phase"] != "done":
            raise Failure(f"the run ended: {statuses[0]['reason']}")
        return max(statuses, key=lambda status: status["seconds"])


def cpu_seconds(daemons):
    """User and system time of all daemons so far."""
    ticks = 0
    for node in daemons.nodes:
        with open(f"/proc/{node.process.pid}/stat", encoding="ascii") as stat:
            ticks += sum(int(word) for word in stat.read().rsplit(")", 1)[1].split()[11:13])
    return ticks / os.sysconf("SC_CLK_TCK")

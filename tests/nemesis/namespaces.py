"""Nine daemons in network namespaces, each with an interface on one bridge: faults below TCP."""

import os
import subprocess

from daemons import Failure
from network import Network
from schedule import NODES

PORT = 7400


def ip(*words, check=True):
    result = subprocess.run(["ip", *words], capture_output=True, text=True)
    if check and result.returncode != 0:
        raise Failure(f"ip {' '.join(words)}: {result.stderr.strip()}")
    return result.returncode == 0


def why_not():
    """Why there can be no network namespaces here, or None."""
    name = f"gossip-try-{os.getpid()}"
    try:
        result = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True)
        if result.returncode == 0:
            words = ["ip", "netns", "exec", name, "tc", "qdisc", "add", "dev", "lo", "root", "tbf"]
            words += ["rate", "1mbit", "burst", "4kb", "latency", "50ms"]
            result = subprocess.run(words, capture_output=True, text=True)
            ip("netns", "del", name)
    except FileNotFoundError as error:
        return f"{error.filename} is missing (package iproute2)"
    return None if result.returncode == 0 else result.stderr.strip()


class NamespaceNetwork(Network):
    def __init__(self, build, schedule, forgets=False):
        super().__init__(build, schedule, forgets)
        self.prefix = f"gossip-{os.getpid()}"
        self.made = []
        self.active = []  # faults
        try:
            self.make()
        except Failure:
            self.remove()
            raise
        for node in self.nodes:
            endpoints = {other: f"{self.address(other)}:{PORT}" for other in range(NODES) if other != node.number}
            self.configure(node, f"{self.address(node.number)}:{PORT}", endpoints)
            node.before = ["ip", "netns", "exec", self.name(node.number)]

    def name(self, number):
        return f"{self.prefix}-{number}" if number is not None else f"{self.prefix}-hub"

    @staticmethod
    def address(number):
        return f"10.77.0.{number + 1}"

    def make(self):
        for number in (None, *range(NODES)):
            ip("netns", "add", self.name(number))
            self.made.append(self.name(number))
            ip("-n", self.name(number), "link", "set", "lo", "up")
        hub = self.name(None)
        ip("-n", hub, "link", "add", "bridge", "type", "bridge")
        ip("-n", hub, "link", "set", "bridge", "up")
        for number in range(NODES):
            port = f"port{number}"
            ip("-n", hub, "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", self.name(number))
            ip("-n", hub, "link", "set", port, "master", "bridge", "up")
            ip("-n", self.name(number), "address", "add", f"{self.address(number)}/24", "dev", "eth0")
            ip("-n", self.name(number), "link", "set", "eth0", "up")

    def remove(self):
        for name in self.made:
            ip("netns", "del", name, check=False)
        self.made = []

    @staticmethod
    def routes(fault):
        """Pairs: whose packets to whom vanish."""
        pairs = set()
        for a, b in fault.edges:
            if fault.detail["way"] in ("there", "both"):
                pairs.add((a, b))
            if fault.detail["way"] in ("back", "both"):
                pairs.add((b, a))
        return pairs

    def apply(self):
        """Makes the namespaces what the active faults say."""
        down = {node for fault in self.active if fault.kind == "down" for node in fault.nodes}
        rates = {node: fault.detail["rate"] for fault in self.active if fault.kind == "tbf" for node in fault.nodes}
        lost = {pair for fault in self.active if fault.kind == "blackhole" for pair in self.routes(fault)}
        for number in range(NODES):
            name = self.name(number)
            ip("-n", self.name(None), "link", "set", f"port{number}", "down" if number in down else "up")
            words = ["tc", "-n", name, "qdisc"]
            if number in rates:
                words += ["replace", "dev", "eth0", "root", "tbf", "rate", rates[number], "burst", "4kb", "latency", "200ms"]
            else:
                words += ["del", "dev", "eth0", "root"]
            subprocess.run(words, capture_output=True)
            ip("-n", name, "route", "flush", "type", "blackhole", check=False)
            for sender, receiver in lost:
                if sender == number:
                    ip("-n", name, "route", "add", "blackhole", f"{self.address(receiver)}/32")

    def begin_fault(self, fault):
        self.active.append(fault)
        self.apply()

    def end_fault(self, fault):
        self.active = [one for one in self.active if one is not fault]
        self.apply()

    def end(self):
        super().end()
        self.remove()

"""The daemons of a schedule, and what lies between them."""

import random
import re

import workers
from daemons import Daemons, Relay, free_ports
from schedule import EDGES, NODES

ROWS, FEATURES, CLASSES = 180, 12, 3


def write_data(path, seed, binary):
    """Rows of a csv file whose labels follow from the features, with noise."""
    draw = random.Random(f"data {seed}")
    with open(path, "w", encoding="ascii") as out:
        for _ in range(ROWS):
            row = [draw.uniform(-1, 1) for _ in range(FEATURES)]
            score = sum(row[::2]) - sum(row[1::2]) + draw.gauss(0, 0.3)
            label = int(score > 0) if binary else min(CLASSES - 1, max(0, int(score + 1.5)))
            out.write(",".join(f"{value:.6f}" for value in row) + f",{label}\n")


class Network(Daemons):
    """The part that both kinds of network share."""

    def __init__(self, build, schedule, forgets=False):
        self.schedule = schedule
        self.log = open("nemesis.log", "a", encoding="utf-8")
        write_data("all.csv", schedule.seed, schedule.settings["objective"] == "logistic")
        self.forgets = forgets
        super().__init__(build, "train=all.csv")

    def configure(self, node, listen, endpoints):
        """`endpoints`: what each other node's endpoint is, seen from this one."""
        with open("peers.conf", encoding="ascii") as shared:
            sections = shared.read().split("[Node]")
        for other, section in enumerate(sections[1:]):
            if other in endpoints:
                sections[other + 1] = re.sub(r"Endpoint *=.*", f"Endpoint = {endpoints[other]}", section)
        with open(f"{node.name}/peers.conf", "w", encoding="ascii") as own:
            own.write("[Node]".join(sections))
        path = f"{node.name}/gossipd.conf"
        with open(path, encoding="ascii") as config:
            text = config.read()
        text = re.sub(r"Peers *=.*", "Peers = peers.conf", re.sub(r"Listen *=.*", f"Listen = {listen}", text))
        if self.schedule.worker:
            words = self.schedule.worker + (" forgets=1" if self.forgets else "")
            text = text.partition("[Data]")[0] + f"[Worker]\nCommand = {workers.command(words)}\n"
        with open(path, "w", encoding="ascii") as config:
            config.write(text)

    def end(self):
        super().end()
        self.log.close()


class RelayNetwork(Network):
    """All on loopback. Every node dials every neighbour through a link of the relay of its own."""

    def __init__(self, build, schedule, forgets=False):
        super().__init__(build, schedule, forgets)
        self.links = {}  # (from, to): number of the link
        self.faults = {}  # number of the link: [(fault, command)...]
        ports = free_ports(NODES + 2 * len(EDGES))
        listen, links = ports[:NODES], []
        for a, b in EDGES:
            for dialer, target in ((a, b), (b, a)):
                links.append((ports[NODES + len(links)], listen[target]))
                self.links[dialer, target] = len(links)
        self.relay = Relay(self.program("tests/relay/relay"), links, schedule.seed)
        for number in self.links.values():
            self.apply(number)
        for node in self.nodes:
            endpoints = {
                target: f"127.0.0.1:{links[number - 1][0]}"
                for (dialer, target), number in self.links.items()
                if dialer == node.number
            }
            self.configure(node, f"127.0.0.1:{listen[node.number]}", endpoints)

    def apply(self, number):
        """Tells the relay what is wrong with a link now."""
        commands = [command for _, command in self.faults.get(number, [])]
        self.relay.tell(f"heal {number}")
        for command in [f"delay LINK {self.schedule.base_delay}ms", *commands]:
            self.relay.tell(command.replace("LINK", str(number)))

    def command(self, fault, forward):
        """What a fault of an edge is on one of its two links; `forward`: the one that the lesser node dials through."""
        detail = fault.detail
        if fault.kind in ("stall", "cut"):
            ways = {"both": "ab", "there": "a" if forward else "b", "back": "b" if forward else "a"}
            return f"{fault.kind} LINK {ways[detail['way']]}"
        return {
            "delay": "delay LINK {delay} {jitter}",
            "rate": "rate LINK {bytes}",
            "refuse": "refuse LINK",
            "resets": "reset LINK within {within}",
            "reset": "reset LINK",
        }[fault.kind].format(**detail)

    def begin_fault(self, fault):
        for a, b in fault.edges:
            for number, forward in ((self.links[a, b], True), (self.links[b, a], False)):
                command = self.command(fault, forward)
                if fault.kind == "reset":
                    self.relay.tell(command.replace("LINK", str(number)))
                else:
                    self.faults.setdefault(number, []).append((fault, command))
                    self.apply(number)

    def end_fault(self, fault):
        for number, faults in self.faults.items():
            if any(one is fault for one, _ in faults):
                self.faults[number] = [one for one in faults if one[0] is not fault]
                self.apply(number)

    def end(self):
        try:
            self.log.write("\n".join(self.relay.tell("show")) + "\n")
            self.relay.end()
        finally:
            super().end()

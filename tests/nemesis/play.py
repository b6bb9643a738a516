"""Carries a schedule out on a network, and looks at what it came to."""

import collections
import datetime
import re
import signal
import struct
import time

import workers
from daemons import Failure
from schedule import NODES, RELAY_KINDS, WORKER_KINDS

DOWN_KINDS = ("kill", "power", "restart", "kill-both", "power-all")  # after which a daemon is started again
QUIET = 0.15  # seconds between two looks at the run
PATIENCE = 300  # seconds without any progress while nothing is disturbed: a failure, however slow the machine is


def read_npy(path):
    """Shape and numbers, as bytes, of a float64 npy file."""
    with open(path, "rb") as file:
        data = file.read()
    length = struct.unpack("<H", data[8:10])[0]
    shape = re.search(rb"'shape': \(([^)]*)\)", data[10 : 10 + length]).group(1)
    return [int(number) for number in shape.split(b",") if number.strip()], data[10 + length :]


class Player:
    def __init__(self, network, schedule, say):
        self.network = network
        self.schedule = schedule
        self.say = say
        self.counts = collections.Counter()
        self.waiting = list(schedule.faults)
        self.active = []  # (when it ends, fault)
        self.began = time.monotonic()
        self.last_begin = 0.0
        self.round = 0
        self.over = False  # some node has come to the end of the run
        self.stop_answer = None
        self.asked = 0

    def note(self, text):
        line = f"{time.monotonic() - self.began:7.1f} s  round {self.round:5d}  {text}"
        self.network.log.write(line + "\n")
        self.network.log.flush()
        self.say(line)

    # ---- faults ----

    def begin(self, fault):
        network = self.network
        self.counts[fault.kind] += 1
        self.note(f"begin {fault}")
        if fault.kind in WORKER_KINDS:
            self.begin_worker_fault(fault)
        for number in fault.nodes:
            node = network.nodes[number]
            if fault.kind in DOWN_KINDS:
                node.down += 1
                node.uptime = fault.detail.get("uptime", node.uptime)
                network.signal(node, signal.SIGTERM if fault.kind == "restart" else signal.SIGKILL)
            elif fault.kind == "freeze":
                node.frozen += 1
                network.signal(node, signal.SIGSTOP)
            elif fault.kind == "clock":
                network.set_wall_clock(node, fault.detail["seconds"])
        if fault.kind in RELAY_KINDS or fault.kind in ("tbf", "down", "blackhole"):
            network.begin_fault(fault)
        if fault.seconds:
            self.active.append((time.monotonic() + fault.seconds, fault))

    def begin_worker_fault(self, fault):
        """The workers' part; who is killed with its daemon goes first or last, as chance has it."""
        network = self.network
        found = [worker for number in fault.nodes for worker in network.workers(network.nodes[number])]
        if fault.kind == "freeze-worker":
            fault.frozen = found
            workers.send(found, signal.SIGSTOP)
        elif fault.kind == "kill-worker":
            workers.kill(found)
        else:
            for number in fault.nodes[:: self.schedule.seed % 2 + 1]:
                network.signal(network.nodes[number], signal.SIGKILL)
            workers.kill(found)

    def end(self, fault):
        """False: not yet possible."""
        network = self.network
        nodes = [network.nodes[number] for number in fault.nodes]
        if fault.kind in DOWN_KINDS:
            # A node that was told to stop may be frozen; it is started again once it is gone.
            if not all(network.reap(node) for node in nodes if node.down == 1):
                return False
            for node in nodes:
                node.down -= 1
                if node.down == 0:
                    network.start(node)
                    if node.frozen:
                        network.signal(node, signal.SIGSTOP)
        elif fault.kind == "freeze":
            for node in nodes:
                node.frozen -= 1
                if node.frozen == 0:
                    network.signal(node, signal.SIGCONT)
        elif fault.kind == "freeze-worker":
            workers.send(fault.frozen, signal.SIGCONT)
        elif fault.kind != "clock":
            network.end_fault(fault)
        self.note(f"end   {fault}")
        return True

    def end_due(self, everything=False):
        now = time.monotonic()
        self.active = [
            (due, fault) for due, fault in self.active if not ((everything or due <= now) and self.end(fault))
        ]

    def begin_due(self):
        now = time.monotonic()
        while self.waiting and self.waiting[0].round <= self.round and now >= self.last_begin + self.waiting[0].pause:
            self.last_begin = now
            self.begin(self.waiting.pop(0))

    # ---- the run ----

    def ask(self):
        """The status of one node, another one each time."""
        nodes = [node for node in self.network.nodes if node.up]
        if not nodes:
            return None, None
        self.asked += 1
        node = nodes[self.asked % len(nodes)]
        return node, self.network.status(node)

    def ask_to_stop(self, node):
        """At the drawn round, of whoever was just asked; a node that can't may be followed by one that can."""
        schedule = self.schedule
        if schedule.ending == "done" or self.stop_answer or self.round < schedule.ending_round:
            return
        words = ["stop"] if schedule.ending == "stop" else ["stop", "--now"]
        result = self.network.ctl(node, *words, check=False)
        self.note(f"{node.name}: gossipctl {' '.join(words)}: {(result.stdout or result.stderr).strip()}")
        if result.returncode == 0:
            self.stop_answer = result.stdout.strip()

    def start_run(self, settings):
        words = [f"{key}={value}" for key, value in settings.items()]
        node = self.network.nodes[self.schedule.seed % NODES]
        result = self.network.ctl(node, "start", *words, "timeout=600")
        self.note(f"{node.name}: gossipctl start: {result.stdout.strip()}")

    def disturb(self):
        """Until one node is at the end of the run."""
        progress, best = time.monotonic(), -1
        while not self.over:
            self.network.check_alive()
            self.end_due()
            self.begin_due()
            node, status = self.ask()
            if status is not None and status["phase"] is not None:
                self.over = status["phase"] in ("done", "stopped", "failed")
                self.round = max(self.round, status["round"] or 0)
                if not self.over:
                    self.ask_to_stop(node)
            if self.active or self.round > best:
                progress, best = time.monotonic(), self.round
            if time.monotonic() - progress > PATIENCE:
                raise Failure(f"no progress beyond round {self.round} in {PATIENCE} s, and nothing is disturbed")
            time.sleep(QUIET)

    def settle(self, phases):
        """Ends all faults, then waits until every node is in one of the phases. Returns their statuses."""
        patience = time.monotonic() + PATIENCE
        while self.active:
            self.end_due(everything=True)
            time.sleep(QUIET)
        shown = None
        while True:
            self.network.check_alive()
            statuses = [self.network.status(node) for node in self.network.nodes]
            summary = [(status["phase"], status["round"]) if status else None for status in statuses]
            if all(status and status["phase"] in phases for status in statuses):
                return statuses
            if summary != shown:
                shown, patience = summary, time.monotonic() + PATIENCE
            if time.monotonic() > patience:
                raise Failure(f"the nodes do not come to an end: {summary}")
            time.sleep(QUIET)

    # ---- what it came to ----

    def compare(self, statuses, settings, what):
        """Every node's x is gossip-sim's, bit for bit, after as many rounds."""
        network = self.network
        rounds = {status["round"] for status in statuses}
        if len(rounds) != 1:
            raise Failure(f"{what}: stopped at different rounds: {[status['round'] for status in statuses]}")
        settings = dict(settings, rounds=rounds.pop())
        for unknown in ("checkpoint_every", "log_limit"):
            settings.pop(unknown, None)
        words = [f"{key}={value}" for key, value in settings.items()]
        worker = self.schedule.worker
        problem = ["--worker", workers.command(worker)] if worker else ["--data", "train=../all.csv"]
        network.tool("gossip-sim", "run", *words, "--peers", "peers.conf", *problem, "--dump", "sim.npy")
        (count, width), expected = read_npy("sim.npy")
        assert count == NODES
        for node in network.nodes:
            network.ctl(node, "dump", "x", "--out", f"{node.name}/x.npy")
            shape, x = read_npy(f"{node.name}/x.npy")
            start = node.number * width * 8
            if shape != [width] or x != expected[start : start + width * 8]:
                raise Failure(f"{what}: {node.name}'s x is not what gossip-sim comes to after {settings['rounds']} rounds")
        self.note(f"{what}: {NODES} nodes at round {settings['rounds']}, x is gossip-sim's")

    def check_stop(self, statuses):
        """Where `stop` said that the run would end, it ended."""
        said = re.search(r"after round (\d+)", self.stop_answer or "")
        if said and int(said.group(1)) != statuses[0]["round"]:
            raise Failure(f"'{self.stop_answer}', but the run ended at round {statuses[0]['round']}")

    def power_cut(self):
        found = [worker for node in self.network.nodes for worker in self.network.workers(node)]
        for node in self.network.nodes:
            self.network.signal(node, signal.SIGKILL)
        workers.kill(found)
        for node in self.network.nodes:
            node.process.wait()
            self.network.reap(node)
            self.network.start(node)
        self.note("power cut after the end")

    def orderly_end(self):
        """Each daemon ends when told to; one whose wall clock jumped has written the other time into its log."""
        network = self.network
        for node in network.nodes:
            network.signal(node, signal.SIGTERM)
        for node in network.nodes:
            node.process.wait(PATIENCE)
            network.reap(node)
            if node.wall_clock and network.wall_clock_jumps:
                with open(f"{node.name}/log", encoding="utf-8") as log:
                    stamp = log.readlines()[-1].split(".")[0]
                written = datetime.datetime.fromisoformat(stamp + "+00:00").timestamp()
                if abs(written - time.time() - node.wall_clock) > 600:
                    raise Failure(f"{node.name}'s wall clock did not jump: its log says {stamp}")

    def play(self):
        schedule, network = self.schedule, self.network
        if not network.new_clocks:
            self.note("no time namespaces here (unshare -T is not permitted): uptime= has no effect")
        if not network.wall_clock_jumps:
            self.note("sanitized daemons: wall clocks do not jump")
        for node in network.nodes:
            network.start(node)
        self.settle(("idle",))
        self.start_run(schedule.settings)
        self.disturb()
        settings, what = schedule.settings, "the run"
        aborted = schedule.ending == "abort" and self.stop_answer
        ends = ("stopped",) if aborted else ("done", "stopped")
        statuses = self.settle(ends)
        if aborted:
            self.note("stopped at once everywhere; another run")
            settings, what = dict(settings, seed=settings["seed"] + 1, rounds=40), "the run after the abort"
            self.start_run(settings)
            statuses = self.settle(("done",))
        self.check_stop(statuses)
        self.compare(statuses, settings, what)
        if schedule.power_after:
            self.power_cut()
            self.compare(self.settle(("done", "stopped")), settings, what + ", after a power cut")
        self.orderly_end()
        if self.waiting:
            self.note(f"{len(self.waiting)} faults were not reached")

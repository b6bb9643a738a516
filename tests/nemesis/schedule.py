"""What a seed means: a job, and the faults that disturb it. Nothing here touches a process."""

import dataclasses
import random

NODES = 9
NAMES = [f"n{i:03d}" for i in range(1, NODES + 1)]


def torus_edges(side=3):
    """Pairs of node numbers (from 0), as `gossipctl init --topology torus` places them."""
    edges = set()
    for row in range(side):
        for column in range(side):
            here = row * side + column
            edges.add(frozenset((here, row * side + (column + 1) % side)))
            edges.add(frozenset((here, (row + 1) % side * side + column)))
    return sorted(tuple(sorted(edge)) for edge in edges)


EDGES = torus_edges()


@dataclasses.dataclass
class Fault:
    """`kind` on `nodes` or `edges`, begun once the run has reached `round` and `pause` seconds have passed since the one before
    began, ended `seconds` later. What else a kind needs is in `detail`."""

    kind: str
    round: int
    pause: float
    seconds: float = 0.0
    nodes: tuple = ()
    edges: tuple = ()
    detail: dict = dataclasses.field(default_factory=dict)
    frozen: list = dataclasses.field(default_factory=list)  # processes, once it has begun

    def __str__(self):
        words = [f"round {self.round:5d} +{self.pause:.1f} s  {self.kind}"]
        words.append(",".join(NAMES[node] for node in self.nodes) if len(self.nodes) < NODES else "all")
        words.append(",".join(f"{NAMES[a]}-{NAMES[b]}" for a, b in self.edges))
        words += [f"{key}={value}" for key, value in self.detail.items()]
        if self.seconds:
            words.append(f"for {self.seconds:.1f} s")
        return " ".join(word for word in words if word)


@dataclasses.dataclass
class Schedule:
    seed: int
    network: str  # "relay" or "namespaces"
    settings: dict  # of gossipctl start
    base_delay: int  # milliseconds on every link of the relay
    ending: str  # "done", "stop", "abort"
    ending_round: int
    worker: str  # words for tests/daemon/worker_model.py, which computes the steps; empty: the daemons' own objectives
    power_after: bool  # all nodes lose power once the run is over
    faults: list

    def lines(self):
        job = " ".join(f"{key}={value}" for key, value in self.settings.items())
        yield f"seed {self.seed}: {self.network}, {job}"
        if self.worker:
            yield f"  worker_model.py {self.worker}"
        if self.network == "relay":
            yield f"  every link delays by {self.base_delay} ms"
        for fault in self.faults:
            yield f"  {fault}"
        if self.ending == "stop":
            yield f"  round {self.ending_round:5d}         gossipctl stop"
        if self.ending == "abort":
            yield f"  round {self.ending_round:5d}         gossipctl stop --now, then another run"
        if self.power_after:
            yield "  at the end         power cut"


def duration(draw, long):
    """Mostly short; in long runs now and then longer than what it takes to give a silent neighbour up (15 s)."""
    if long and draw.random() < 0.1:
        return draw.uniform(15, 25)
    return draw.choice((0.1, 1.0, 4.0)) * draw.uniform(0.2, 1.0)


def some_edges(draw):
    """One edge, a few, all of a node's, or those between two halves."""
    shape = draw.random()
    if shape < 0.4:
        return (draw.choice(EDGES),)
    if shape < 0.6:
        return tuple(sorted(draw.sample(EDGES, draw.randrange(2, 6))))
    if shape < 0.8:
        node = draw.randrange(NODES)
        return tuple(edge for edge in EDGES if node in edge)
    half = set(draw.sample(range(NODES), draw.randrange(2, 5)))
    return tuple(edge for edge in EDGES if (edge[0] in half) != (edge[1] in half))


def some_nodes(draw):
    return tuple(sorted(draw.sample(range(NODES), draw.choice((1, 1, 1, 2, 3)))))


def new_clock(draw):
    """A restarted machine's monotonic clock begins anew: seconds that it is ahead by."""
    return {"uptime": draw.randrange(1, 10**7)} if draw.random() < 0.3 else {}


def draw_node_fault(draw, kind, fault, long):
    if kind in ("power", "power-all"):
        fault.nodes = tuple(range(NODES))
        fault.detail = new_clock(draw)
    else:
        fault.nodes = some_nodes(draw)
    if kind in ("kill", "kill-both"):
        fault.detail = new_clock(draw)
    if kind == "kill-worker":
        return
    if kind == "clock":
        fault.detail = {"seconds": draw.choice((-1, 1)) * draw.choice((3600, 86400, 10**8))}
    else:
        fault.seconds = duration(draw, long and kind.startswith("freeze"))


def draw_link_fault(draw, kind, fault, long):
    fault.edges = some_edges(draw)
    fault.seconds = duration(draw, long)
    if kind == "delay":
        fault.detail = {"delay": f"{draw.randrange(1, 200)}ms", "jitter": f"{draw.randrange(0, 100)}ms"}
    elif kind == "rate":
        fault.detail = {"bytes": draw.choice((2000, 10000, 50000))}
    elif kind in ("stall", "cut"):
        fault.detail = {"way": draw.choice(("there", "back", "both", "both"))}
    elif kind == "resets":
        fault.detail = {"within": draw.choice((300, 3000, 30000))}
    elif kind == "reset":
        fault.seconds = 0


WORKER_KINDS = ("kill-worker", "freeze-worker", "kill-both", "power-all")  # where there are workers
NODE_KINDS = ("kill", "power", "freeze", "restart", "clock") + WORKER_KINDS
RELAY_KINDS = ("delay", "rate", "stall", "cut", "refuse", "resets", "reset")
NAMESPACE_KINDS = ("tbf", "down", "blackhole")
KINDS = tuple(kind for kind in NODE_KINDS if kind not in WORKER_KINDS) + RELAY_KINDS + NAMESPACE_KINDS
WEIGHT = {"kill": 5, "power": 2, "freeze": 3, "restart": 2, "clock": 1, "resets": 2, "reset": 2, "kill-worker": 6, "freeze-worker": 3,
          "kill-both": 4, "power-all": 2}


def draw_namespace_fault(draw, kind, fault, long):
    fault.seconds = duration(draw, long)
    if kind == "blackhole":
        fault.edges = some_edges(draw)
        fault.detail = {"way": draw.choice(("there", "back", "both"))}
    else:
        fault.nodes = some_nodes(draw)
    if kind == "tbf":
        fault.detail = {"rate": draw.choice(("50kbit", "200kbit", "1mbit"))}


def draw_settings(draw, rounds):
    objective = draw.choice(("linear", "logistic", "softmax"))
    settings = {
        "objective": objective,
        "rounds": rounds,
        "gossip_steps": draw.choice((1, 2, 5)),
        "compressor": draw.choice(
            ("none", "topk:fraction=0.2", "randk:fraction=0.3", "qsgd:bits=4,bucket=16", "dropout:p=0.5", "sign")
        ),
        "batch": draw.choice((0, 0, 8)),
        "seed": draw.randrange(1, 1000),
    }
    return settings


def draw_worker(draw, settings):
    """Words for the worker; `settings` are changed to those of a run with workers."""
    mode = draw.choice(("gradient", "gradient", "update"))
    words = [f"d={draw.choice((12, 500))}", f"mode={mode}", f"dtype={draw.choice(('float32', 'float64'))}"]
    words += [f"momentum={draw.choice((0, 0.5, 0.9))}"] + draw.choice(([], [], ["inline=1"]))
    settings |= {"objective": "worker", "eta": 0.5, "batch": 0}
    settings["momentum"] = draw.choice((0, 0.9)) if mode == "gradient" else 0
    return " ".join(words)


def draw_durability(draw):
    """Settings of checkpoints; the last pair lets the log's limit rule."""
    every, limit = draw.choice(((1, None), (3, None), (20, None), (200, None), (None, None), (0, 16384), (50, 4096)))
    settings = {}
    if every is not None:
        settings["checkpoint_every"] = every
    if limit is not None:
        settings["log_limit"] = limit
    return settings


def draw_faults(draw, rounds, kinds, count, long):
    rest = sorted(draw.randrange(0, rounds + 1) for _ in range(count))
    faults = []
    for start in rest:
        kind = draw.choices(kinds, [WEIGHT.get(kind, 1) for kind in kinds])[0]
        fault = Fault(kind, start, draw.choice((0.0, 0.0, 0.3, 2.0)) * draw.random())
        if kind in NODE_KINDS:
            draw_node_fault(draw, kind, fault, long)
        elif kind in RELAY_KINDS:
            draw_link_fault(draw, kind, fault, long)
        else:
            draw_namespace_fault(draw, kind, fault, long)
        faults.append(fault)
    return faults


def draw_schedule(seed, long, kinds, networks, workers=False):
    """The schedule of a seed. `kinds` and `networks` are those that may be drawn, so a seed means another schedule with others;
    and with `workers` one with worker_model.py."""
    draw = random.Random(f"nemesis {seed}")
    network = draw.choices(networks, [3 if name == "relay" else 1 for name in networks])[0]
    own = RELAY_KINDS if network == "relay" else NAMESPACE_KINDS
    usable = [kind for kind in kinds if kind in NODE_KINDS or kind in own]
    settings = draw_settings(draw, 1)
    worker = draw_worker(draw, settings) if workers else ""
    steps = draw.randrange(5000, 10000) if long else draw.randrange(800, 1500)
    if workers:
        steps //= 2  # each with a way to another process and back
    rounds = settings["rounds"] = steps // settings["gossip_steps"]
    if {"kill", "power", *WORKER_KINDS} & set(kinds):
        settings |= draw_durability(draw)
    ending = draw.choices(("done", "stop", "abort"), (6, 2, 1))[0]
    if workers and ending == "done":  # gossip-sim is asked for the rounds that were made: another number is another cosine
        settings["eta_schedule"] = draw.choice(("constant", "cosine"))
    return Schedule(
        seed=seed,
        network=network,
        settings=settings,
        worker=worker,
        base_delay=draw.choice((3, 5, 8)) if long else draw.choice((0, 2, 5)),
        ending=ending,
        ending_round=draw.randrange(1, rounds),
        power_after="power" in kinds and draw.random() < 0.5,
        faults=draw_faults(draw, rounds, usable, draw.randrange(15, 40) if long else draw.randrange(4, 8), long),
    )

#!/usr/bin/python3
"""How long a round of the paper's SYN-1 (figure 4: 16 nodes on a torus) takes here: gossip-sim, and numpy four ways.

usage: bench_round.py BENCH_ROUND [ROUNDS]

authors' layout  as the authors' program does it: a copy of a node's rows by index, a column of a matrix for a node's
                 vector, a sort to find the k largest; without and with the losses it computes every round
laid out well    each node's rows and vectors contiguous, a partition instead of the sort
products         the two products of each gradient, A x and A^T r, and nothing else
data read once   one scalar product over all of A: what the memory allows

All take turns, a round each, on one thread and one processor: one that has slept reads its memory slowly at first. The
figures are medians of processor time, in milliseconds.
"""
import os

for library in ("OPENBLAS", "OMP", "MKL", "BLIS"):
    os.environ[library + "_NUM_THREADS"] = "1"

import statistics
import subprocess
import sys
import time

import numpy as np

NODES, DIMENSION, SAMPLES = 16, 2000, 10000
ETA, GAMMA, L2 = 0.2, 0.05, 0.001


def problem():
    random = np.random.default_rng(1)
    features = random.standard_normal((SAMPLES, DIMENSION))
    weights = random.normal(1, 1, DIMENSION) / np.sqrt(DIMENSION / 2)
    targets = features @ weights + 0.05 * random.standard_normal(SAMPLES)
    mixing = np.zeros((NODES, NODES))
    for node in range(NODES):
        row, column = divmod(node, 4)
        for down, right in ((0, 0), (0, 1), (0, 3), (1, 0), (3, 0)):
            mixing[node, (row + down) % 4 * 4 + (column + right) % 4] += 0.2
    start = random.standard_normal((NODES, DIMENSION)) / np.sqrt(DIMENSION)
    return features, targets, mixing, start


def as_authors(features, targets, mixing, start, steps, kept, losses):
    targets = targets.reshape(-1, 1)
    parts = np.array_split(np.arange(SAMPLES), NODES)
    x, z, s = start.T.copy(), np.zeros((DIMENSION, NODES)), np.zeros((DIMENSION, NODES))

    def loss():
        mean = np.mean(np.copy(x), axis=1)
        apart = targets - (features @ mean).reshape(-1, 1)
        return (apart * apart).sum() / (2 * SAMPLES) + L2 * np.square(mean).sum() / 2

    while True:
        if losses:
            loss()
        change = np.zeros_like(x)
        for node, part in enumerate(parts):
            rows = features[part, :]
            apart = (rows @ x[:, node]).reshape(-1, 1) - targets[part]
            change[:, node] = -ETA * (np.squeeze(np.dot(rows.T, apart)) / len(part) + L2 * x[:, node])
        x = x + change
        for _ in range(steps):
            difference = message = x - z
            if kept:
                message = np.zeros_like(difference)
                for node in range(NODES):
                    largest = np.argsort(np.abs(difference[:, node]))[::-1][:kept]
                    message[largest, node] = difference[largest, node]
            s = s + message @ mixing
            z = z + message
            x = x + GAMMA * (s - z)
        if losses:
            loss()
        yield


def laid_out_well(features, targets, mixing, start, steps, kept):
    rows, wanted = np.array_split(features, NODES), np.array_split(targets, NODES)
    x, z, s = start.copy(), np.zeros((NODES, DIMENSION)), np.zeros((NODES, DIMENSION))
    while True:
        for node in range(NODES):
            apart = rows[node] @ x[node] - wanted[node]
            x[node] -= ETA * (rows[node].T @ apart / len(apart) + L2 * x[node])
        for _ in range(steps):
            message = x - z
            if kept:
                small = np.argpartition(np.abs(message), DIMENSION - kept, axis=1)[:, : DIMENSION - kept]
                np.put_along_axis(message, small, 0, axis=1)
            s += mixing @ message
            z += message
            x += GAMMA * (s - z)
        yield


def products(features, targets, start):
    rows, wanted = np.array_split(features, NODES), np.array_split(targets, NODES)
    while True:
        for node in range(NODES):
            rows[node].T @ (rows[node] @ start[node] - wanted[node])
        yield


def read_once(features):
    numbers = features.reshape(-1)
    while True:
        numbers @ numbers
        yield


class GossipSim:
    """Rounds of our own program, which takes their time itself."""

    def __init__(self, program, steps, compressor):
        self.process = subprocess.Popen(
            [program, str(steps), compressor], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)

    def round(self):
        self.process.stdin.write(b"\n")
        return float(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def timed(generator):
    begun = time.process_time()
    next(generator)
    return time.process_time() - begun


def compare(program, rounds, steps, kept, compressor):
    data = problem()
    numpy_ways = {
        "numpy, authors' layout": as_authors(*data, steps, kept, False),
        "  the same, and its losses": as_authors(*data, steps, kept, True),
        "numpy, laid out well": laid_out_well(*data, steps, kept),
        "numpy, products alone": products(data[0], data[1], data[3]),
        "numpy, data read once": read_once(data[0]),
    }
    ours = GossipSim(program, steps, compressor)
    times = {name: [] for name in ["gossip-sim", *numpy_ways]}
    for number in range(rounds + 1):
        taken = {"gossip-sim": ours.round(), **{name: timed(way) for name, way in numpy_ways.items()}}
        if number:  # the first warms up
            for name, seconds in taken.items():
                times[name].append(1000 * seconds)
    ours.close()
    base = statistics.median(times["gossip-sim"])
    print(f"SYN-1, 16 nodes, Q = {steps}, {compressor}: milliseconds a round")
    print(f"  {'':28} {'median':>8} {'least':>8} {'ratio':>7}")
    for name, taken in times.items():
        median = statistics.median(taken)
        print(f"  {name:28} {median:8.1f} {min(taken):8.1f} {median / base:7.2f}")


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    rounds = int(sys.argv[2]) if len(sys.argv) == 3 else 21
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # gossip-sim's process has it from this one
    compare(sys.argv[1], rounds, 1, 0, "none:values=f64")
    compare(sys.argv[1], rounds, 10, DIMENSION // 10, "topk:fraction=0.1")


main()

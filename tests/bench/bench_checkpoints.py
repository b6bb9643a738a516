#!/usr/bin/env python3
"""What checkpoints cost: nine daemons on loopback train on Fashion-MNIST, in turns with checkpoints at the default interval and
without (one at the end). Prints the medians of wall time and of processor time, and the throughput of one against the other: the
median over pairs of runs that follow each other, since a machine may be slower in one minute than in the next."""

import argparse
import statistics

from fashion import FashionDaemons, cpu_seconds

# Without: none but the last, and a log that never asks for one.
SETTINGS = {"with": [], "without": ["checkpoint_every=0", "log_limit=1000000000"]}


def measure(daemons, settings, rounds):
    before = cpu_seconds(daemons)
    status = daemons.train(f"rounds={rounds}", *settings)
    return {"wall": status["seconds"], "cpu": cpu_seconds(daemons) - before}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100, help="of each run (default 100)")
    parser.add_argument("--repeat", type=int, default=18, help="runs of either kind (default 18)")
    options = parser.parse_args()
    found = {kind: [] for kind in SETTINGS}
    with FashionDaemons() as daemons:
        daemons.train("rounds=20")  # everything is read once
        for number in range(options.repeat):
            for kind in list(SETTINGS)[:: 1 if number % 2 else -1]:
                found[kind].append(measure(daemons, SETTINGS[kind], options.rounds))
                print(f"{kind:8s} wall {found[kind][-1]['wall']:7.2f} s   cpu {found[kind][-1]['cpu']:7.2f} s", flush=True)
    for what in ("wall", "cpu"):
        medians = {kind: statistics.median(run[what] for run in found[kind]) for kind in SETTINGS}
        ratio = statistics.median(
            without[what] / with_them[what] for without, with_them in zip(found["without"], found["with"])
        )
        print(
            f"median {what:4s} with {medians['with']:.2f} s, without {medians['without']:.2f} s:"
            f" {100 * ratio:.1f} % of the throughput"
        )


if __name__ == "__main__":
    main()

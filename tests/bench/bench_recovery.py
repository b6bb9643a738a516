#!/usr/bin/env python3
"""How soon a killed node has caught up: nine daemons on loopback train on Fashion-MNIST; one is killed (kill -9), the others come as
far as they can without it, and it is started again. Its recovery, from the start of the process to the first status beyond the
round at which the others wait, is compared with what its missed rounds take in an undisturbed run."""

import argparse
import re
import signal
import time

from fashion import FashionDaemons

TICK = 0.02
GOSSIP_STEPS = 4


def wait_until(condition, seconds=120):
    end = time.monotonic() + seconds
    while not (result := condition()):
        if time.monotonic() > end:
            raise SystemExit("waited in vain")
        time.sleep(TICK)
    return result


def rounds_of(daemons, nodes):
    return [status["round"] for node in nodes if (status := daemons.status(node))]


def settled(daemons, nodes):
    """The furthest round once the others stand still."""
    before, since = None, time.monotonic()
    while time.monotonic() - since < 0.7:
        now = rounds_of(daemons, nodes)
        if now != before:
            before, since = now, time.monotonic()
    return max(before)


def one(daemons, victim):
    others = [node for node in daemons.nodes if node is not victim]
    begin, first = time.monotonic(), daemons.status(victim)["round"]
    wait_until(lambda: daemons.status(victim)["round"] >= first + 30)
    pace = (time.monotonic() - begin) / (daemons.status(victim)["round"] - first)

    daemons.signal(victim, signal.SIGKILL)
    victim.process.wait()
    stuck = settled(daemons, others)
    begin = time.monotonic()
    daemons.start(victim)
    wait_until(lambda: max(rounds_of(daemons, [victim]) or [0]) > stuck)
    recovery = time.monotonic() - begin
    with open(f"{victim.name}/log", encoding="utf-8") as log:
        step = int(re.findall(r"(?:goes on|begins again,) at step (\d+)", log.read())[-1])
    missed = stuck - (step - 1) / GOSSIP_STEPS
    return missed, missed * pace, recovery


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=9)
    options = parser.parse_args()
    beyond = []
    with FashionDaemons() as daemons:
        daemons.begin(f"rounds={400 * options.kills}", f"gossip_steps={GOSSIP_STEPS}")
        print("node   missed rounds   they take   recovery   beyond")
        for number in range(options.kills):
            victim = daemons.nodes[number % len(daemons.nodes)]
            missed, takes, recovery = one(daemons, victim)
            beyond.append(recovery - takes)
            print(f"{victim.name}   {missed:13.1f}   {takes:7.2f} s   {recovery:6.2f} s   {recovery - takes:4.2f} s", flush=True)
    print(f"recovery took at most {max(beyond):.2f} s more than the missed rounds would")


if __name__ == "__main__":
    main()

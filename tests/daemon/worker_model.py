#!/usr/bin/env python3
"""A worker for tests: each node fits its own point, with heavy-ball momentum of its own as state.

worker_model.py [KEY=VALUE...]: d, name, dtype, rows; momentum=0 for no state; x0=SEED; mode=gradient or update;
blind=1: it can't evaluate; inline=1; forgets=1: takes no state that it is given; what=nan, raise, exit0, exit1, killed, hang at the round `at`, pause=SECONDS a step.
"""

import os
import signal
import sys
import time

import gossipd
import numpy as np

OPTIONS = dict(d="12", name="point", dtype="float32", momentum="0.5", x0="", mode="gradient", what="", at="5", pause="0",
               rows="0")
OPTIONS.update(word.split("=", 1) for word in sys.argv[1:])
d, mu, at = int(OPTIONS["d"]), float(OPTIONS["momentum"]), int(OPTIONS["at"])


def misbehave(what):
    if what == "raise":
        raise RuntimeError("this step\tcannot be made")
    if what == "exit0":
        sys.exit(0)
    if what == "exit1":
        os._exit(1)
    if what == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "hang":
        time.sleep(1000)


def main():
    point = np.random.default_rng(sum(os.environ["GOSSIPD_NODE"].encode())).standard_normal(d)
    x0 = np.random.default_rng(int(OPTIONS["x0"])).standard_normal(d) if OPTIONS["x0"] else None
    with gossipd.Worker(dimension=d, name=OPTIONS["name"], dtype=OPTIONS["dtype"], x0=x0,
                        rows=int(OPTIONS["rows"]), inline="inline" in OPTIONS) as worker:
        m = np.zeros(d)
        if mu:
            worker.state = {"m": m}
        if "forgets" in OPTIONS:
            worker._put_state = lambda data: None
        if "blind" not in OPTIONS:
            worker.evaluate = lambda x: {"loss": float(np.mean((x - point) ** 2) / 2), "accuracy": 0.5, "judged": 2.25}
        for step in worker:
            if OPTIONS["what"] and step.round == at:
                misbehave(OPTIONS["what"])
            time.sleep(float(OPTIONS["pause"]))
            noise = step.rng.standard_normal(d)
            g = (step.x - point + 0.1 * noise) / d
            m *= mu
            m += g
            loss = float(np.mean((step.x - point) ** 2) / 2)
            if OPTIONS["what"] == "nan" and step.round == at:
                loss = float("nan")
            if OPTIONS["mode"] == "update":
                step.update(step.x - step.eta * m, loss=loss)
            else:
                step.gradient(m, loss=loss, rows=1, metrics={"length_of_g": 3.5})


main()

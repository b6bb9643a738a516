"""Workers beside the daemons: what they run, and their processes, which may be killed and frozen, too."""

import os
import shlex
import signal
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = "/usr/bin/python3"  # where the distribution's numpy is
os.environ["PYTHONPATH"] = os.path.join(HERE, "../../tools/python")
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"


def why_not():
    """Why there can be no workers here, or None."""
    if subprocess.run([PYTHON, "-c", "import numpy"], stderr=subprocess.DEVNULL).returncode:
        return "python3-numpy is not installed"
    return None


def command(words):
    return shlex.join([PYTHON, os.path.join(HERE, "../daemon/worker_model.py")]) + " " + words


def parents():
    """Of each process its parent's number, and the time of its start, by which one is told from another of its number."""
    found = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                fields = file.read().rpartition(b")")[2].split()
            found[int(name)] = (int(fields[1]), fields[19])
        except OSError:
            continue  # it has ended
    return found


def processes(daemon):
    """(number, start) of each process that descends from this one."""
    tree = parents()
    known, found = {daemon}, []
    grew = True
    while grew:
        grew = False
        for number, (parent, start) in tree.items():
            if parent in known and number not in known:
                known.add(number)
                found.append((number, start))
                grew = True
    return found


def send(workers, number):
    """To those of `processes` that are still there."""
    tree = parents()
    for process, start in workers:
        if process in tree and tree[process][1] == start:
            try:
                os.kill(process, number)
            except ProcessLookupError:
                pass


def kill(workers):
    send(workers, signal.SIGKILL)

"""The relay of tests/relay as a process of a test's own, told what to do by the line. It ends with its standard input, so also when
the test dies."""

import random
import socket
import subprocess


def free_ports(count):
    """Ports of the loopback interface that nobody listens on, below those that the system hands out."""
    found = []
    while len(found) < count:
        port = random.SystemRandom().randrange(10000, 30000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in found:
            found.append(port)
    return found


class Refused(Exception):
    """The relay's answer to what it could not do."""


class Relay:
    def __init__(self, program, links, seed=0):
        """`links`: pairs of a port to listen on and the port to forward to; commands number them from 1."""
        words = [program, "--seed", str(seed)] + [f"{port}:{target}" for port, target in links]
        self.process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        if self.process.stdout.readline() != "listening\n":
            raise Refused("the relay does not listen")

    def tell(self, command):
        """Returns the lines of the answer, without the final ok."""
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        lines = []
        while (line := self.process.stdout.readline()) != "ok\n":
            if line.startswith("error") or not line:
                raise Refused(f"{command}: {line.strip() or 'the relay is gone'}")
            lines.append(line.rstrip("\n"))
        return lines

    def end(self):
        """Returns the exit code."""
        self.process.stdin.close()
        self.process.stdout.close()
        return self.process.wait(30)

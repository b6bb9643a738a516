"""The examples train, and give their state back."""

import json
import os
import shutil
import sys
import tempfile
import unittest

import helper
import numpy as np

EXAMPLES = os.path.join(helper.PACKAGE, "examples")
SIDE = 8


def make_shard(folder, kind):
    """400 rows of three classes, each brighter in another part of the picture."""
    draw = np.random.default_rng(3)
    y = draw.integers(0, 3, 400)
    X = draw.random((400, SIDE, SIDE)) * 0.6
    for label in range(3):
        X[y == label, 2 * label : 2 * label + 3] += 0.4
    path = os.path.join(folder, "shard." + kind)
    X = X.reshape(400, -1)
    if kind == "npz":
        np.savez(path, X=X, y=y)
    else:
        np.savetxt(path, np.column_stack([X, y]), "%.4f", ",")
    return path


class Examples(helper.WorkerTest):
    def trains(self, command, kind="npz", eta=0.1, rounds=40, accuracy=0.8, dimension=None, files=1):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        daemon, process = self.command(command + ["--shard"] + files * [make_shard(folder.name, kind)])
        hello = daemon.handshake()
        if dimension:
            self.assertEqual(hello["dimension"], dimension)
        ready = daemon.init()
        x0 = ready["vector"].astype(np.float64) if ready.get("x0") else np.zeros(hello["dimension"])
        before = daemon.evaluate(0, x0)
        self.assertEqual(set(before), {"loss", "accuracy"} if accuracy else {"loss"})
        half, state = daemon.train(x0, 1, rounds // 2, eta, save_at=rounds // 2)
        x, _ = daemon.train(half, rounds // 2 + 1, rounds, eta)
        after = daemon.evaluate(rounds, x)
        self.assertLess(after["loss"], before["loss"], json.dumps([before, after]))
        if accuracy:
            self.assertGreater(after["accuracy"], accuracy, json.dumps([before, after]))
        daemon.init(epoch=2)
        daemon.load(rounds // 2, half, state)
        self.assertEqual(daemon.train(half, rounds // 2 + 1, rounds, eta)[0].tobytes(), x.tobytes())
        daemon.close()
        self.process_ended(process, 0)

    def test_mlp_numpy(self):
        self.trains([sys.executable, os.path.join(EXAMPLES, "mlp_numpy.py"), "--classes", "3"], dimension=64 * 64 + 64 + 64 * 3 + 3)

    def test_mlp_numpy_with_momentum(self):
        """Two files are one shard, and m is given back."""
        self.trains([sys.executable, os.path.join(EXAMPLES, "mlp_numpy.py"), "--classes", "3", "--momentum", "0.5"], files=2)

    def test_cnn_gradient(self):
        try:
            import torch  # noqa: F401
        except ImportError:
            self.skipTest("torch is missing")
        example = [sys.executable, os.path.join(EXAMPLES, "cnn_gradient.py"), "--classes", "3"]
        self.trains(example)
        self.trains(example + ["--momentum", "0.5"], eta=0.05)

    def test_cnn_torch(self):
        try:
            import torch  # noqa: F401
        except ImportError:
            self.skipTest("torch is missing")
        self.trains([sys.executable, os.path.join(EXAMPLES, "cnn_torch.py"), "--classes", "3", "--lr", "0.01"])

    def test_linear_c(self):
        """The library in C, by which both sides' messages are checked against another's code."""
        program = os.path.join(os.environ.get("abs_top_builddir", os.path.join(helper.ROOT, "build")), "lib/worker/examples/linear")
        if not os.path.exists(program):
            self.skipTest("the example in C is not built")
        self.trains([program], "csv", accuracy=None, eta=0.02, dimension=SIDE * SIDE + 1)

    def test_perl(self):
        perl = shutil.which("perl")
        if not perl:
            self.skipTest("perl is missing")
        self.trains([perl, os.path.join(helper.ROOT, "tools/examples/worker.pl")], "csv", accuracy=None, eta=0.02,
                    dimension=SIDE * SIDE + 1)


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/env python3
"""A perceptron of one hidden layer, 784-64-10 for Fashion-MNIST (d = 50,890), by numpy alone.

    [Worker]
    Command = python3 mlp_numpy.py --shard shard.npz [--test test.npz]

Files are npz with X (rows, columns), in any type, and y (rows), whole numbers from 0. Momentum is best left to gossipd
(gossipctl start momentum=0.9): with --momentum each worker has its own, which at each node goes another way.
"""

import argparse

import gossipd
import numpy as np


def read(*paths):
    """The rows of all these files: X, shape (rows, columns), from 0 to 1, and y, shape (rows)."""
    if len(paths) != 1:
        return tuple(np.concatenate(parts) for parts in zip(*map(read, paths)))
    with np.load(paths[0]) as file:
        names = {name.lower(): name for name in file.files}
        X = np.asarray(file[names["x"]], np.float32)
        y = np.asarray(file[names["y"]]).astype(np.int64)
    X = X.reshape(len(X), -1)
    return X / 255 if X.max() > 1 else X, y


class Perceptron:
    """softmax(relu(X A + a) B + b), its parameters A, a, B, b one after the other in one vector."""

    def __init__(self, columns, hidden, classes):
        self.shapes = [(columns, hidden), (hidden,), (hidden, classes), (classes,)]
        self.sizes = [int(np.prod(shape)) for shape in self.shapes]
        self.dimension = sum(self.sizes)

    def parts(self, vector):
        """Views of a vector, shape (d,), as A, a, B, b."""
        cuts = np.split(vector, np.cumsum(self.sizes)[:-1])
        return [cut.reshape(shape) for cut, shape in zip(cuts, self.shapes)]

    def initial(self, seed):
        """The same on all nodes: it is no node's own choice."""
        x = np.zeros(self.dimension, np.float32)
        draw = np.random.default_rng(seed)
        for part in self.parts(x)[::2]:
            part[:] = draw.standard_normal(part.shape) * np.sqrt(2 / len(part))
        return x

    def scores(self, x, X):
        A, a, B, b = self.parts(x)
        H = np.maximum(X @ A + a, 0)
        return H, H @ B + b

    def loss(self, scores, y):
        """The mean cross entropy, and the probabilities of all classes, shape (rows, classes)."""
        P = np.exp(scores - scores.max(1, keepdims=True))
        P /= P.sum(1, keepdims=True)
        return float(-np.log(np.maximum(P[np.arange(len(y)), y], 1e-30)).mean()), P

    def gradient(self, x, X, y, g):
        """Fills g, shape (d,), and returns the loss."""
        B = self.parts(x)[2]
        H, scores = self.scores(x, X)
        loss, D = self.loss(scores, y)
        D[np.arange(len(y)), y] -= 1
        D /= len(y)
        gA, ga, gB, gb = self.parts(g)
        gB[:] = H.T @ D
        gb[:] = D.sum(0)
        D = (D @ B.T) * (H > 0)
        gA[:] = X.T @ D
        ga[:] = D.sum(0)
        return loss


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shard", required=True, nargs="+", help="the rows of this node")
    parser.add_argument("--test", help="rows to evaluate on (default: its own)")
    parser.add_argument("--hidden", type=int, default=64)
    parser.add_argument("--classes", type=int, default=10, help="of all nodes together")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--momentum", type=float, default=0, help="of this worker alone")
    options = parser.parse_args()
    X, y = read(*options.shard)
    X_test, y_test = read(options.test) if options.test else (X, y)
    model = Perceptron(X.shape[1], options.hidden, options.classes)

    def evaluate(x):
        scores = model.scores(x, X_test)[1]
        return {"loss": model.loss(scores, y_test)[0], "accuracy": float((scores.argmax(1) == y_test).mean())}

    with gossipd.Worker(model.dimension, name=f"mlp-{options.hidden}", x0=model.initial(1), rows=len(X)) as worker:
        worker.evaluate = evaluate
        m = np.zeros(model.dimension, np.float32)
        if options.momentum:
            worker.state = {"m": m}  # saved and given back in place
        for step in worker:
            i = step.rng.integers(0, len(X), options.batch)
            loss = model.gradient(step.x, X[i], y[i], step.vector)
            m *= options.momentum
            m += step.vector
            step.gradient(m, loss=loss, rows=options.batch)


if __name__ == "__main__":
    main()

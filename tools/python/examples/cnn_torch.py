#!/usr/bin/env python3
"""A small convolutional network with batch norm and dropout, and Adam: everything that has to be saved, is.

    [Worker]
    Command = python3 cnn_torch.py --shard shard.npz [--test test.npz]

For nodes with alike rows: where each sees other classes, Adam and batch norm make of each node's rows something of its own, and
the mean of them is no good; cnn_gradient.py is for those.

Files are npz with X (rows, height * width), squares of grey, and y (rows), whole numbers from 0.
"""

import argparse
import math

import gossipd.torch
import torch
from torch import nn
from mlp_numpy import read


class Network(nn.Sequential):
    def __init__(self, side, classes):
        super().__init__(
            nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(8, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Dropout(0.25), nn.Linear(16 * (side // 4) ** 2, classes))


def tensors(*paths):
    X, y = read(*paths)
    side = math.isqrt(X.shape[1])
    return torch.from_numpy(X.reshape(-1, 1, side, side)), torch.from_numpy(y)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shard", required=True, help="the rows of this node")
    parser.add_argument("--test", help="rows to evaluate on (default: its own)")
    parser.add_argument("--classes", type=int, default=10, help="of all nodes together")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--lr", type=float, default=0.001)
    options = parser.parse_args()
    torch.set_num_threads(1)
    X, y = tensors(options.shard)
    X_test, y_test = tensors(options.test) if options.test else (X, y)
    torch.manual_seed(1)  # the same model on all nodes
    model = Network(X.shape[-1], options.classes)
    optimizer = torch.optim.Adam(model.parameters(), lr=options.lr)

    def evaluate(model):
        scores = torch.cat([model(part) for part in X_test.split(200)])
        return {"loss": nn.functional.cross_entropy(scores, y_test).item(),
                "accuracy": (scores.argmax(1) == y_test).float().mean().item()}

    with gossipd.torch.Worker(model, optimizer, name="cnn", evaluate=evaluate, rows=len(X)) as worker:
        torch.manual_seed(int.from_bytes(worker.node.encode(), "little") % 2**63)  # each node its own dropout
        for step in worker:
            i = torch.from_numpy(step.rng.integers(0, len(X), options.batch))
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(X[i]), y[i])
            loss.backward()
            optimizer.step()
            step.done(loss, rows=options.batch)


if __name__ == "__main__":
    main()

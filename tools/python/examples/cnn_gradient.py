#!/usr/bin/env python3
"""A small convolutional network whose step gossipd makes: PyTorch gives the gradient, and the momentum is the network's.

    [Worker]
    Command = python3 cnn_gradient.py --shard shard.npz [--test test.npz]

    gossipctl start objective=worker eta=0.05 momentum=0.9 rounds=600 --wait

Groups are normalised and not batches, whose means tell one node's classes from another's. With --momentum each worker steps by
an optimizer of its own instead. Files as for cnn_torch.py.
"""

import argparse

import gossipd.torch
import torch
from cnn_torch import tensors
from torch import nn
from torch.nn.functional import cross_entropy


def network(side, classes):
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.GroupNorm(2, 8), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1), nn.GroupNorm(4, 16), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(16 * (side // 4) ** 2, classes))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shard", required=True, nargs="+", help="the rows of this node")
    parser.add_argument("--test", help="rows to evaluate on (default: its own)")
    parser.add_argument("--classes", type=int, default=10, help="of all nodes together")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--momentum", type=float, default=0, help="of this worker alone")
    options = parser.parse_args()
    torch.set_num_threads(1)
    X, y = tensors(*options.shard)
    X_test, y_test = tensors(options.test) if options.test else (X, y)
    torch.manual_seed(1)  # the same model on all nodes
    model = network(X.shape[-1], options.classes)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=options.momentum)

    def evaluate(model):
        scores = torch.cat([model(part) for part in X_test.split(200)])
        return {"loss": cross_entropy(scores, y_test).item(), "accuracy": (scores.argmax(1) == y_test).float().mean().item()}

    with gossipd.torch.Worker(model, optimizer, name="cnn", evaluate=evaluate, rows=len(X)) as worker:
        for step in worker:
            i = torch.from_numpy(step.rng.integers(0, len(X), options.batch))
            optimizer.zero_grad()
            loss = cross_entropy(model(X[i]), y[i])
            loss.backward()
            if not options.momentum:
                step.gradient(loss=loss, rows=options.batch)
                continue
            for group in optimizer.param_groups:
                group["lr"] = step.eta
            optimizer.step()
            step.done(loss, rows=options.batch)


if __name__ == "__main__":
    main()

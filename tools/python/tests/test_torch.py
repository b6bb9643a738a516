"""gossipd.torch: a step is exact, whatever was saved, killed and loaded between two of them."""

import random
import unittest

import helper
import numpy as np

try:
    import torch
except ImportError:
    raise unittest.SkipTest("torch is missing")
import gossipd.torch
from gossipd import messages
from gossipd.torch import _from_tree, _to_tree

# Everything that carries something from step to step: Adam, dropout, a batch norm, a scheduler, all three global generators.
PROGRAM = """
    import random, sys, numpy as np, torch, gossipd.torch
    from torch import nn
    torch.set_num_threads(1)
    torch.manual_seed(1)
    X, Y = torch.randn(256, 8), torch.randint(0, 3, (256,))
    model = nn.Sequential(nn.Linear(8, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 3))
    optimizer = torch.optim.{optimizer}
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 3, 0.7)
    random.seed(1)
    np.random.seed(1)
    def evaluate(model):
        assert not model.training and not torch.is_grad_enabled()
        torch.rand(3), random.random(), np.random.random()
        return {{"accuracy": (model(X).argmax(1) == Y).float().mean().item()}}
    with gossipd.torch.Worker(model, optimizer, name="net", evaluate=evaluate, extra={{"scheduler": scheduler}}) as worker:
        worker.state = {{"count": 0}}
        for step in worker:
            assert model.training
            i = step.rng.integers(0, len(X), 32)
            optimizer.zero_grad()
            noise = 0.01 * (random.random() + np.random.random())
            loss = nn.functional.cross_entropy(model(X[i] + noise), Y[i])
            loss.backward()
            optimizer.step()
            scheduler.step()
            worker.state["count"] += 1
            step.done(loss, rows=32, metrics={{"count": worker.state["count"], "lr": scheduler.get_last_lr()[0]}})
    """
OPTIMIZERS = ("Adam(model.parameters(), lr=0.01, amsgrad=True)", "SGD(model.parameters(), lr=0.1, momentum=0.9, nesterov=True)",
              "RMSprop(model.parameters(), centered=True, momentum=0.5)")


class Exactness(helper.WorkerTest):
    def begin(self, optimizer):
        daemon, process = self.script(PROGRAM.format(optimizer=optimizer))
        hello = daemon.handshake()
        self.assertRegex(hello["fingerprint"], r"^torch [0-9.a]+, threads 1$")
        self.assertEqual(hello["dimension"], 8 * 16 + 16 + 4 * 16 + 16 * 3 + 3)
        self.assertEqual({tensor["name"]: tensor["role"] for tensor in hello["tensors"]}["1.running_var"], "buffer")
        ready = daemon.init()
        self.assertTrue(ready["x0"])
        return daemon, process, ready["vector"].astype(np.float64)

    def check(self, optimizer):
        daemon, _, x0 = self.begin(optimizer)
        whole, state = daemon.train(x0, 1, 20, save_at=20)
        self.assertNotEqual(whole.tobytes(), x0.tobytes())

        # the same process again: as a second run, with evaluations in between, saved at 10, put back to there
        daemon.init(epoch=2)
        x, _ = daemon.train(x0, 1, 4)
        self.assertGreater(daemon.evaluate(4, x)["accuracy"], 0.2)
        ten, saved = daemon.train(x, 5, 10, save_at=10)
        further, _ = daemon.train(ten, 11, 17)
        daemon.load(10, ten, saved)
        self.assertEqual(daemon.train(ten, 11, 17)[0].tobytes(), further.tobytes())

        # another process
        daemon, process, _ = self.begin(optimizer)
        daemon.load(10, ten, saved)
        daemon.evaluate(10, ten)
        again, other = daemon.train(ten, 11, 20, save_at=20)
        self.assertEqual(again.tobytes(), whole.tobytes())
        self.assertEqual(other, state)
        self.assertEqual({metric["name"]: metric["value"] for metric in daemon.step(21, again)["metrics"]}["count"], 21)
        daemon.send("stop")
        self.process_ended(process, 0)

    def test_exact(self):
        for optimizer in OPTIMIZERS:
            with self.subTest(optimizer):
                self.check(optimizer)

    def test_without_the_state_it_is_not(self):
        """What the other tests show is not so by itself."""
        daemon, _, x0 = self.begin(OPTIMIZERS[0])
        ten, _ = daemon.train(x0, 1, 10)
        whole, _ = daemon.train(ten, 11, 20)
        daemon, _, _ = self.begin(OPTIMIZERS[0])
        self.assertNotEqual(daemon.train(ten, 11, 20)[0].tobytes(), whole.tobytes())


class Parts(helper.WorkerTest):
    def test_vector(self):
        """The order is that of state_dict; shared tensors are there once, whole numbers not at all."""
        first, second = torch.nn.Linear(2, 2), torch.nn.Linear(2, 2)
        second.weight = first.weight
        model = torch.nn.Sequential(first, torch.nn.BatchNorm1d(2), second)
        model.register_buffer("hidden", torch.ones(3), persistent=False)

        def body(address):
            with gossipd.torch.Worker(model, address=address) as worker:
                for step in worker:
                    torch.testing.assert_close(first.weight.reshape(-1), torch.arange(4.0))
                    with torch.no_grad():
                        second.bias += 1
                    step.done(torch.tensor(2.5))

        wanted = torch.cat([first.weight.reshape(-1), first.bias, torch.ones(2), torch.zeros(2), torch.zeros(2), torch.ones(2),
                            second.bias]).detach().numpy()
        daemon = self.start(body)
        self.assertEqual(daemon.handshake()["dimension"], 16)
        self.assertEqual(daemon.init()["vector"].tobytes(), wanted.tobytes())
        x = np.arange(16, dtype=np.float32)
        done = daemon.step(1, x)
        x[14:] += 1
        self.assertEqual((done["kind"], done["loss"], done["vector"].tolist()), (messages.UPDATE, 2.5, x.tolist()))
        self.stopped()

    def test_load(self):
        """What dump writes goes back into a model, and into none that is built otherwise."""
        model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
        d = sum(tensor.numel() for tensor in model.state_dict().values() if tensor.is_floating_point())
        gossipd.torch.load(model, np.arange(d, dtype="f8").reshape(1, d))
        self.assertEqual(model[0].weight.tolist(), [[0, 1], [2, 3], [4, 5]])
        self.assertEqual(model[1].running_var.tolist(), [d - 3, d - 2, d - 1])
        with self.assertRaisesRegex(ValueError, f"x has {d + 1} values, the model {d}"):
            gossipd.torch.load(model, np.zeros(d + 1))

    def test_evaluate_restores(self):
        class Counts(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.weight = torch.nn.Parameter(torch.zeros(2))
                self.inner = torch.nn.Dropout().eval()
                self.register_buffer("calls", torch.tensor(0))

        model = Counts()
        seen = []

        def evaluate(model):
            model.calls += 1
            model.train()
            seen.append((model.weight.tolist(), torch.rand(1).item(), random.random()))
            return {"loss": torch.tensor(0.5)}

        def body(address):
            with gossipd.torch.Worker(model, evaluate=evaluate, address=address) as worker:
                for step in worker:
                    step.done(metrics={"calls": model.calls, "inner": model.inner.training, "outer": model.training})

        daemon = self.start(body)
        daemon.handshake()
        daemon.init()
        self.assertEqual(daemon.evaluate(0, [3, 4]), {"loss": 0.5})
        daemon.evaluate(0, [3, 4])
        metrics = daemon.step(1, [1, 2])["metrics"]
        self.assertEqual({metric["name"]: metric["value"] for metric in metrics}, {"calls": 0, "inner": 0, "outer": 1})
        self.assertEqual(seen[0][0], [3, 4])
        self.assertEqual(seen[0], seen[1])
        self.stopped()

    def test_gradient(self):
        """A plain gradient will do, too, and inline vectors and float64."""
        model = torch.nn.Linear(3, 1, bias=False).double()

        def body(address):
            with gossipd.torch.Worker(model, address=address, inline=True) as worker:
                for step in worker:
                    model.zero_grad()
                    (model.weight**2).sum().backward()
                    step.gradient(model.weight.grad)

        daemon = self.start(body)
        self.assertEqual(daemon.handshake()["dtype"], messages.F64)
        daemon.init()
        self.assertEqual(daemon.step(1, [1, 2, 3])["vector"].tolist(), [2, 4, 6])
        self.stopped()

    def test_gradient_of_the_model(self):
        """What backward() has left, in the order of the vector; what took no part has none."""
        model = torch.nn.Sequential(torch.nn.Linear(2, 1), torch.nn.Linear(1, 1))

        def body(address):
            with gossipd.torch.Worker(model, address=address) as worker:
                for step in worker:
                    model.zero_grad(set_to_none=True)
                    loss = model[0].weight @ torch.tensor([3.0, 4.0]) + 5 * model[0].bias
                    loss.backward()
                    step.gradient(loss=loss, rows=7)

        daemon = self.start(body)
        daemon.handshake()
        daemon.init()
        done = daemon.step(1, [1, 1, 2, 9, 9])
        self.assertEqual((done["kind"], done["loss"], done["rows"]), (messages.GRADIENT, 17, 7))
        self.assertEqual(done["vector"].tolist(), [3, 4, 5, 0, 0])
        self.stopped()

    def test_no_gradient_of_a_buffer(self):
        def body(address):
            with gossipd.torch.Worker(torch.nn.BatchNorm1d(2), address=address) as worker:
                for step in worker:
                    step.gradient(loss=1)

        daemon = self.start(body)
        daemon.handshake()
        daemon.init()
        daemon.ask(1, np.zeros(8))
        kind, fields = daemon.receive()
        self.assertEqual(kind, "error")
        self.assertIn("no gradient moves the buffer running_mean", fields["text"])
        self.assertIsInstance(self.ended(), ValueError)

    def test_trees(self):
        for value in (torch.tensor(1), torch.ones(2, 3).t(), torch.tensor([1.5], dtype=torch.bfloat16), torch.tensor([True]),
                      torch.empty(0), torch.tensor([1, 2], dtype=torch.uint8)):
            back = _from_tree(gossipd.state.unpack(gossipd.state.pack(_to_tree({"a": [(value, 1)]}))))["a"][0][0]
            self.assertEqual(back.dtype, value.dtype)
            self.assertTrue(torch.equal(back, value))


if __name__ == "__main__":
    unittest.main()

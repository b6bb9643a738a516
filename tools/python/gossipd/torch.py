"""A torch model and its optimizer as a worker.

    torch.manual_seed(1)                          # the same on all nodes: the model's parameters are x0
    model = Net(); optimizer = torch.optim.Adam(model.parameters())
    with gossipd.torch.Worker(model, optimizer) as worker:
        for step in worker:                       # the model holds step.x
            i = step.rng.integers(0, len(X), 64)
            optimizer.zero_grad()
            loss = F.cross_entropy(model(X[i]), Y[i])
            loss.backward()
            optimizer.step()
            step.done(loss)                       # what the model holds now is the new x

The vector is the parameters and the floating buffers (a batch norm's running statistics), flattened in the order of
model.state_dict(). The state is the optimizer's, all other buffers, the generators of torch, of Python's `random` and of
numpy.random, what has been given as `extra`, and worker.state.
"""

from __future__ import annotations

import random
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

import numpy as np
import torch

from . import state
from .step import Run, Step as _Step
from .worker import Worker as _Worker

_TENSOR = "\0tensor"  # marks a tensor in a saved state: [its dtype, its numbers, its device]
# numpy has no bfloat16; its bits pass for whole numbers.
_AS_BITS = {torch.bfloat16: torch.int16}


def _to_tree(value: Any) -> Any:
    """Tensors become arrays, which gossipd.state can save."""
    if isinstance(value, torch.Tensor):
        plain = value.detach().cpu()
        if plain.dtype in _AS_BITS:
            plain = plain.view(_AS_BITS[plain.dtype])
        return {_TENSOR: [str(value.dtype), plain.numpy(), str(value.device)]}
    if isinstance(value, Mapping):
        return {key: _to_tree(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_to_tree(item) for item in value) if type(value) in (list, tuple) else [_to_tree(v) for v in value]
    return value


def _from_tree(value: Any) -> Any:
    if isinstance(value, dict):
        if _TENSOR in value:
            dtype, numbers, device = value[_TENSOR]
            tensor = torch.from_numpy(np.array(numbers))
            wanted = getattr(torch, dtype.partition(".")[2])
            return (tensor.view(wanted) if wanted in _AS_BITS else tensor).to(device)
        return {key: _from_tree(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_from_tree(item) for item in value)
    return value


def _generators() -> Dict[str, Any]:
    """Where torch's, Python's and numpy's global generators stand."""
    version, words, gauss = random.getstate()
    out = {"torch": torch.get_rng_state().numpy(), "python": [version, np.array(words, np.uint32), gauss],
           "numpy": np.random.get_state(legacy=False)}
    if torch.cuda.is_available() and torch.cuda.is_initialized():
        out["cuda"] = [tensor.numpy() for tensor in torch.cuda.get_rng_state_all()]
    return out


def _set_generators(saved: Dict[str, Any]) -> None:
    torch.set_rng_state(torch.from_numpy(saved["torch"].copy()))
    version, words, gauss = saved["python"]
    random.setstate((version, tuple(words.tolist()), gauss))
    np.random.set_state(saved["numpy"])
    if "cuda" in saved:
        torch.cuda.set_rng_state_all([torch.from_numpy(array.copy()) for array in saved["cuda"]])


def _divide(model: torch.nn.Module) -> Tuple[List[Tuple[str, torch.Tensor]], List[Tuple[str, torch.Tensor]]]:
    """The model's tensors that are part of the vector, and its other buffers, with their names. One that it holds under two
    names is there once."""
    vector, others, seen = [], [], set()
    for name, tensor in model.state_dict(keep_vars=True).items():
        if not isinstance(tensor, torch.Tensor) or id(tensor) in seen:
            continue
        seen.add(id(tensor))
        (vector if tensor.is_floating_point() else others).append((name, tensor))
    for name, tensor in model.named_buffers():  # those that state_dict leaves out
        if id(tensor) not in seen:
            seen.add(id(tensor))
            others.append((name, tensor))
    for name, parameter in model.named_parameters():
        if not parameter.is_floating_point():
            raise TypeError(f"the parameter {name} is of {parameter.dtype}; real parameters can be exchanged")
    return vector, others


def load(model: torch.nn.Module, x: np.ndarray) -> None:
    """Puts a trained vector into a model: x, (d,) or (1, d) as `gossipctl dump x` writes it. The model must be built as the
    workers' was; ValueError: it has another number of parameters."""
    parts, _ = _divide(model)
    values = torch.from_numpy(np.array(x).reshape(-1))
    d = sum(tensor.numel() for _, tensor in parts)
    if values.numel() != d:
        raise ValueError(f"x has {values.numel()} values, the model {d}: it is not built as the workers' was")
    with torch.no_grad():
        at = 0
        for _, tensor in parts:
            tensor.copy_(values[at:at + tensor.numel()].view(tensor.shape))
            at += tensor.numel()


class Step(_Step):
    """A step whose x is in the model already. See gossipd.Step."""

    _worker: "Worker"

    def done(self, loss: Any = None, *, rows: Optional[int] = None, metrics: Optional[Mapping[str, Any]] = None) -> None:
        """Answers with what the model holds now. `loss` is a number, or a tensor of one."""
        self._begin_answer(1, loss, rows, metrics)
        self._worker._copy_out()

    def gradient(self, g: Any = None, *, loss: Any = None, rows: Optional[int] = None,
                 metrics: Optional[Mapping[str, Any]] = None) -> None:
        """Answers with a gradient at x, by default with what backward() has left in the model's parameters: the daemon makes
        the step, with its `eta` and `momentum`, and no optimizer is needed. Raises ValueError where a floating buffer (a
        batch norm's running statistics) would stand still: that takes `done`."""
        if g is not None:
            super().gradient(g, loss=loss, rows=rows, metrics=metrics)
            return
        buffer = self._worker._first_buffer
        if buffer:
            raise ValueError(f"no gradient moves the buffer {buffer}: step with an optimizer and answer with step.done(loss)")
        self._begin_answer(0, loss, rows, metrics)
        self._worker._copy_gradient_out()


class Worker(_Worker):
    """Computes the steps of one node with a torch model. See gossipd.Worker for what is not said here.

    model        on any device; its present parameters are x0, so that all nodes must make it from the same seed
    optimizer    that the loop's body steps with; None: there is none, or it has no state
    name         default: the name of the model's class
    evaluate     f(model) -> metrics by name: called in eval mode and without gradients while the model holds x; modes, buffers and
                 generators are afterwards what they were
    dtype        default: float64 if a parameter is of it, else float32
    extra        objects by name with state_dict and load_state_dict: a learning rate's scheduler, a loader's sampler
    state_max    default: enough for optimizers that keep four numbers a parameter
    """

    def __init__(self, model: torch.nn.Module, optimizer: Optional[torch.optim.Optimizer] = None, *, name: Optional[str] = None,
                 evaluate: Optional[Callable[[torch.nn.Module], Mapping[str, Any]]] = None, dtype: Any = None,
                 extra: Optional[Mapping[str, Any]] = None, **words: Any) -> None:
        self.model = model
        self.optimizer = optimizer
        self.extra = dict(extra or {})
        self._parts, self._buffers = _divide(model)
        if dtype is None:
            dtype = "float64" if any(tensor.dtype == torch.float64 for _, tensor in self._parts) else "float32"
        with torch.no_grad():
            x0 = np.concatenate([tensor.detach().cpu().to(torch.float64).numpy().reshape(-1) for _, tensor in self._parts])
        super().__init__(x0.size, name=name or type(model).__name__, dtype=dtype, x0=x0, **words)
        self.evaluate = evaluate
        parameters = {name for name, _ in model.named_parameters()}
        self._first_buffer = next((name for name, _ in self._parts if name not in parameters), "")
        if len(self._parts) <= 256:
            self._tensors = [{"name": name, "shape": list(tensor.shape), "dtype": str(tensor.dtype).partition(".")[2],
                              "role": "parameter" if name in parameters else "buffer"} for name, tensor in self._parts]
        self._views: List[Tuple[torch.Tensor, torch.Tensor, torch.Tensor]] = []
        self._viewed: Any = None

    # ---- the vector ----

    def _each(self) -> List[Tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
        """For each tensor of the vector: itself, its part of x and its part of the answer, as views of the memory."""
        if self._viewed is not self._vectors:
            x, vector = torch.from_numpy(self._vectors.x), torch.from_numpy(self._vectors.vector)
            self._views, at = [], 0
            for _, tensor in self._parts:
                end = at + tensor.numel()
                self._views.append((tensor, x[at:end].view(tensor.shape), vector[at:end].view(tensor.shape)))
                at = end
            self._viewed = self._vectors
        return self._views

    def _copy_in(self) -> None:
        with torch.no_grad():
            for tensor, x, _ in self._each():
                tensor.copy_(x)

    def _copy_out(self) -> None:
        with torch.no_grad():
            for tensor, _, vector in self._each():
                vector.copy_(tensor)

    def _copy_gradient_out(self) -> None:
        with torch.no_grad():
            for tensor, _, vector in self._each():
                if tensor.grad is None:  # it takes no part, or is frozen
                    vector.zero_()
                else:
                    vector.copy_(tensor.grad)

    def _make_step(self, run: Run, fields: Mapping[str, Any]) -> Step:
        self._copy_in()
        return Step(self, run, fields, self._vectors.x, self._vectors.vector)

    # ---- the state ----

    def _get_state(self) -> Any:
        out = {"buffers": {name: _to_tree(tensor) for name, tensor in self._buffers}, "generators": _generators(),
               "extra": {name: _to_tree(item.state_dict()) for name, item in self.extra.items()}, "user": self.state}
        if self.optimizer is not None:
            out["optimizer"] = _to_tree(self.optimizer.state_dict())
        return out

    def _put_state(self, data: Any) -> None:
        saved = state.restore({"user": self.state}, data)
        self.state = saved["user"]
        with torch.no_grad():
            for name, tensor in self._buffers:
                tensor.copy_(_from_tree(saved["buffers"][name]))
        if self.optimizer is not None:
            self.optimizer.load_state_dict(_from_tree(saved["optimizer"]))
        for name, item in self.extra.items():
            item.load_state_dict(_from_tree(saved["extra"][name]))
        _set_generators(saved["generators"])

    def _computes(self) -> str:
        return f"torch {torch.__version__}, threads {torch.get_num_threads()}"

    def _state_room(self, present: int) -> int:
        """Most optimizers make their vectors at their first step. Memory that nobody writes to takes none."""
        vectors = 4
        for group in self.optimizer.param_groups if self.optimizer is not None else []:
            vectors = max(vectors, 2 * int(group.get("history_size", 0)) + 4)  # L-BFGS
        length = sum(tensor.numel() * tensor.element_size() for _, tensor in self._parts)
        return super()._state_room(present + vectors * length + 1024 * len(self._parts))

    # ---- evaluation ----

    def _evaluate(self, x: np.ndarray) -> Mapping[str, Any]:
        modes = [(module, module.training) for module in self.model.modules()]
        buffers = [(tensor, tensor.clone()) for _, tensor in self._buffers]
        generators = _generators()
        try:
            self._copy_in()
            self.model.eval()
            with torch.no_grad():
                return self.evaluate(self.model)
        finally:
            for module, training in modes:
                module.training = training
            with torch.no_grad():
                for tensor, before in buffers:
                    tensor.copy_(before)
            _set_generators(generators)

"""Where a model's weights are while several processes train it: in each of them, or in shares.

Both ways hand out, and take, whole tensors on the CPU, numbered and named as if one process had
trained alone. So a checkpoint doesn't show how many made it, and any number can go on from it.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.distributed.device_mesh import init_device_mesh
from torch.nn.parallel import DistributedDataParallel
from torch.optim import Optimizer

from course import processes
from course.errors import CourseError
from course.models.families import LanguageModel
from course.nn.transformer import Layer
from course.training import checkpoints


class Replicated:
    """Each process has all weights, and a share of each batch; gradients are averaged.

    Alone, a process has nobody to average with.

    Attributes:
        module: the model, on this process's device; its parameters are what is trained.
        forward: what to call instead of it in training.
    """

    def __init__(self, model: nn.Module, *, compiled: bool):
        self.module = model.to(processes.device())
        self.forward: nn.Module = self.module
        if compiled:  # one graph for all lengths, else each new one would be compiled anew
            self.forward = cast(nn.Module, torch.compile(self.module, dynamic=True))
        if processes.count() > 1:
            self.forward = DistributedDataParallel(self.forward)

    def weights(self) -> dict[str, Tensor]:
        """Copies of the weights."""
        state = self.module.state_dict()
        return {name: tensor.detach().cpu().clone() for name, tensor in state.items()}

    def moments(self, optimizer: Optimizer) -> dict[str, Any]:
        """The state of the optimiser, as PyTorch numbers it."""
        return optimizer.state_dict()

    def load(self, weights: dict[str, Tensor]) -> None:
        """Take weights."""
        self.module.load_state_dict(weights)

    def load_moments(self, optimizer: Optimizer, saved: dict[str, Tensor]) -> None:
        """Take the optimiser's tensors, as `checkpoints` names them."""
        optimizer.load_state_dict(checkpoints.optimizer_state(optimizer.state_dict(), saved))

    def finish(self, weights: dict[str, Tensor]) -> None:
        """Give the caller's model its last weights."""
        self.load(weights)


class Sharded:
    """Each process has a share of every weight, of its gradient and of its moments.

    A layer's weights are put together just before it computes, and dropped after. That is fully
    sharded data parallelism: Rajbhandari et al. (2020), "ZeRO", section 5, stage 3; in PyTorch
    Zhao et al. (2023). Accelerate offers it on GPUs only; this is PyTorch's own function, which
    processes without GPUs have as well.

    Raises:
        CourseError: if this PyTorch is too old.
    """

    def __init__(self, model: nn.Module):
        try:
            from torch.distributed.fsdp import fully_shard
        except ImportError:
            raise CourseError(
                f"Sharded training needs PyTorch 2.6 or newer, and this is {torch.__version__}."
            ) from None
        self.whole = model  # as large as ever, but on the CPU
        self.module = deepcopy(model).to(processes.device())
        mesh = init_device_mesh(processes.device().type, (processes.count(),))
        for each in self.module.modules():
            if isinstance(each, Layer):
                fully_shard(each, mesh=mesh)
        fully_shard(self.module, mesh=mesh)
        self.forward: nn.Module = self.module

    def weights(self) -> dict[str, Tensor]:
        """Copies of the weights for the main process; the others get none."""
        from torch.distributed.checkpoint import state_dict as whole

        options = whole.StateDictOptions(full_state_dict=True, cpu_offload=True)
        return dict[str, Any](whole.get_model_state_dict(self.module, options=options))

    def moments(self, optimizer: Optimizer) -> dict[str, Any]:
        """The state of the optimiser for the main process, as PyTorch numbers it without shares."""
        from torch.distributed.checkpoint import state_dict as whole

        options = whole.StateDictOptions(full_state_dict=True, cpu_offload=True)
        by_name = whole.get_optimizer_state_dict(self.module, optimizer, options=options)
        found: Any = by_name.get("state", {})
        return {"state": {i: found[n] for i, n in enumerate(self._names()) if n in found}}

    def load(self, weights: dict[str, Tensor]) -> None:
        """Take this process's shares of weights."""
        from torch.distributed.checkpoint import state_dict as whole

        options = whole.StateDictOptions(full_state_dict=True)
        whole.set_model_state_dict(self.module, dict[str, Any](weights), options=options)

    def load_moments(self, optimizer: Optimizer, saved: dict[str, Tensor]) -> None:
        """Take this process's shares of the optimiser's tensors."""
        from torch.distributed.checkpoint import state_dict as whole

        names = self._names()
        groups = whole.get_optimizer_state_dict(self.module, optimizer)["param_groups"]
        numbered = checkpoints.optimizer_state({"param_groups": groups}, saved)
        numbered["state"] = {names[i]: each for i, each in numbered["state"].items()}
        options = whole.StateDictOptions(full_state_dict=True)
        whole.set_optimizer_state_dict(self.module, optimizer, numbered, options=options)

    def finish(self, weights: dict[str, Tensor]) -> None:
        """Give the caller's model its last weights; it was not sharded."""
        self.whole.load_state_dict(weights)
        self.whole.to(processes.device())

    def _names(self) -> list[str]:
        return [name for name, _ in self.module.named_parameters()]


def place(model: nn.Module, *, sharded: bool, compiled: bool) -> Replicated | Sharded:
    """The model as this run's processes hold it; a process alone holds it whole.

    Raises:
        CourseError: if it is to be sharded and is no `LanguageModel`, whose layers do all their
            work in one call each; a translator's are also asked for the keys of the source.
    """
    if sharded and not isinstance(model, LanguageModel):
        raise CourseError("Only a decoder-only language model can be trained sharded.")
    if sharded and processes.count() > 1:
        return Sharded(model)
    return Replicated(model, compiled=compiled)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep a warning away that does not concern us: no layer's output is changed in place here."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="FSDP2-wrapped module")
        yield

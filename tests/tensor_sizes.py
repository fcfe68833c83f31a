"""What a function makes on its way: the largest tensor, forward and backward."""

from collections.abc import Callable

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class _Largest(TorchDispatchMode):
    def __init__(self):
        super().__init__()
        self.numbers = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        results = function(*args, **(kwargs or {}))
        for result in tree_leaves(results):
            if isinstance(result, torch.Tensor):  # by its memory, so that an expanded view is small
                stored = result.untyped_storage().nbytes() // result.element_size()
                self.numbers = max(self.numbers, stored)
        return results


def largest_tensor(run: Callable[[], object]) -> int:
    """The numbers in the largest tensor that the run makes."""
    with _Largest() as watched:
        run()
    return watched.numbers

"""What a function makes on its way: the sizes of its tensors, forward and backward."""

from collections.abc import Callable

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class _Watched(TorchDispatchMode):
    def __init__(self):
        super().__init__()
        self.sizes = []

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        results = function(*args, **(kwargs or {}))
        self.sizes += [
            # its memory's, so that an expanded view is as small as what it shows
            result.untyped_storage().nbytes() // result.element_size()
            for result in tree_leaves(results)
            if isinstance(result, torch.Tensor)
        ]
        return results


def sizes_made(run: Callable[[], object]) -> list[int]:
    """How many numbers each tensor has that the run makes or views."""
    with _Watched() as watched:
        run()
    return watched.sizes


def largest_tensor(run: Callable[[], object]) -> int:
    """The numbers in the largest of them."""
    return max(sizes_made(run))

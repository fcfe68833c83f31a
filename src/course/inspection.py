"""Looking inside a model: its attention weights, and what waits for what (chapters 5 to 8).

Modules never keep their weights for later; they return them. `capture_attention` listens with
hooks while the model runs; `read_attention` makes the model write a given translation;
`silence_head` takes one head away to see what it was good for.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from course.data.batching import collate
from course.data.pairs import Pair
from course.data.tokenizer import Tokenizer
from course.decoding import force_decode
from course.decoding.preparation import device_of
from course.errors import CourseError
from course.metrics import word_weights
from course.models.interface import SequenceModel
from course.nn.transformer import MultiHeadAttention


@contextmanager
def capture_attention(model: nn.Module) -> Iterator[dict[str, list[Tensor]]]:
    """Collect the attention weights of every attention module that runs inside the `with` block.

    Every module of `course.nn.attention`, and a Transformer's `MultiHeadAttention`, returns
    `(output, weights)`; a hook on each notes the weights, and another asks for them where they are
    computed on request. The hooks are removed at the end of the block, whatever happens in it.

    Yields:
        For each module, by its name within the model, the detached weights of each of its calls;
        a module that has none (no attention) does not appear.
    """
    captured: dict[str, list[Tensor]] = defaultdict(list)

    def listen(name: str) -> Any:
        def hook(module: nn.Module, inputs: Any, output: Any) -> None:
            if isinstance(output, tuple) and len(output) == 2 and output[1] is not None:
                captured[name].append(output[1].detach())

        return hook

    def ask(module: nn.Module, inputs: Any, options: dict[str, Any]) -> Any:
        return inputs, options | {"return_weights": True}

    handles = []
    for name, module in model.named_modules():
        on_request = isinstance(module, MultiHeadAttention)
        if on_request:
            handles.append(module.register_forward_pre_hook(ask, with_kwargs=True))
        if on_request or type(module).__module__ == "course.nn.attention":
            handles.append(module.register_forward_hook(listen(name)))
    try:
        yield captured
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def silence_head(attention: MultiHeadAttention, head: int) -> Iterator[None]:
    """Let one head read zeros inside the `with` block; all else stays as it was trained.

    Michel, Levy and Neubig (2019), "Are sixteen heads really better than one?", do so.

    Raises:
        CourseError: if there is no such head.
    """
    if not 0 <= head < attention.num_heads:
        raise CourseError(f"Heads are counted from 0 to {attention.num_heads - 1}; not {head}.")

    def hook(module: nn.Module, inputs: tuple[Tensor]) -> tuple[Tensor]:
        read = inputs[0].unflatten(-1, (attention.num_heads, -1)).clone()  # (B, T, H, K)
        read[:, :, head] = 0
        return (read.flatten(-2),)

    handle = attention.output.register_forward_pre_hook(hook)
    try:
        yield
    finally:
        handle.remove()


@dataclass(frozen=True, kw_only=True)
class Attention:
    """The attention of one translation.

    Attributes:
        src_tokens: readable pieces of the source; the end token's column follows them.
        tgt_tokens: readable pieces of the target; the end token's row follows them.
        src_words: for each source piece the white-space word that it belongs to.
        tgt_words: the same for the target.
        weights: of each target token (rows) over layers, heads and source tokens.
    """

    src_tokens: tuple[str, ...]
    tgt_tokens: tuple[str, ...]
    src_words: tuple[int, ...]
    tgt_words: tuple[int, ...]
    weights: Float[Tensor, "T L H S"]

    def by_word(self, layer: int = 0, head: int = 0) -> Float[Tensor, "J I"]:
        """Weights of target words over source words; see `metrics.word_weights`."""
        return word_weights(self.weights[:, layer, head], self.src_words, self.tgt_words)


def read_attention(
    model: SequenceModel, tokenizer: Tokenizer, pairs: Sequence[Pair]
) -> list[Attention]:
    """The attention with which the model writes the given translations (force-decoding).

    Raises:
        CourseError: if the model has no attention, or there is no pair.
    """
    src = [tokenizer.encode(pair.src) for pair in pairs]
    tgt = [tokenizer.encode(pair.tgt) for pair in pairs]
    batch = collate(src, tgt).to(device_of(model))
    forced = force_decode(model, batch.src, batch.src_mask, batch.tgt_in, return_weights=True)
    if forced.weights is None:
        raise CourseError("This model has no attention, so there are no weights to look at.")
    return [
        Attention(
            src_tokens=tuple(tokenizer.tokens(pair.src)),
            tgt_tokens=tuple(tokenizer.tokens(pair.tgt)),
            src_words=tuple(tokenizer.word_ids(pair.src)),
            tgt_words=tuple(tokenizer.word_ids(pair.tgt)),
            weights=weights[tgt_mask][..., src_mask],
        )
        for pair, weights, src_mask, tgt_mask in zip(
            pairs, forced.weights.unbind(), batch.src_mask, batch.tgt_mask, strict=True
        )
    ]


def longest_chain(output: Tensor) -> int:
    """How many operations that led to a tensor had to wait for each other.

    That is the longest path through the graph that autograd recorded: what cannot be done side by
    side, however many processors there are.

    Args:
        output: a tensor computed from one that requires a gradient.

    Raises:
        CourseError: if autograd recorded nothing.
    """
    if output.grad_fn is None:
        raise CourseError("This tensor has no history: compute it with gradients switched on.")
    longest: dict[Any, int] = {}
    waiting: list[Any] = [output.grad_fn]
    while waiting:  # depth first, without Python's limit on recursion
        node = waiting[-1]
        inputs = [source for source, _ in node.next_functions if source is not None]
        missing = [source for source in inputs if source not in longest]
        if missing:
            waiting.extend(missing)
        else:
            waiting.pop()
            is_leaf = not inputs  # a parameter or an input: nothing is computed there
            longest[node] = 0 if is_leaf else 1 + max(longest[source] for source in inputs)
    return longest[output.grad_fn]

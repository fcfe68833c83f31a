"""The teacher-forced loss, and its mean over a data set."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course.data.batching import Batch, Encoded, collate, token_batches
from course.data.tokenizer import PAD
from course.runtime import generator


def token_loss(model: nn.Module, batch: Batch, *, label_smoothing: float = 0.0) -> Tensor:
    """Summed cross-entropy of the target tokens in nats, teacher-forced; a scalar tensor."""
    logits = model(batch.src, batch.src_mask, batch.tgt_in)
    return F.cross_entropy(
        logits.flatten(0, 1).float(),
        batch.tgt_out.flatten(),
        ignore_index=PAD,
        label_smoothing=label_smoothing,
        reduction="sum",
    )


def batch_share(data: Encoded, rows: list[int], *, number: int = 0, count: int = 1) -> Batch:
    """The rows of a batch that fall to one of several processes: every `count`-th.

    A batch may have fewer rows than there are processes. Since all of them take part in each
    exchange, one without rows gets a row none of whose tokens counts.
    """
    mine = rows[number::count] or rows[:1]
    batch = collate([data.src[i] for i in mine], [data.tgt[i] for i in mine])
    if number < len(rows):
        return batch
    nothing = torch.full_like(batch.tgt_out, PAD)
    return batch._replace(tgt_out=nothing, tgt_mask=torch.zeros_like(batch.tgt_mask))


def evaluate_loss(model: nn.Module, data: Encoded, *, max_tokens: int = 4000) -> float:
    """Nats per target token (the end token included), teacher-forced, without dropout."""
    total, count = summed_loss(model, data, max_tokens=max_tokens)
    return total / max(count, 1)


@torch.no_grad()
def summed_loss(
    model: nn.Module, data: Encoded, *, max_tokens: int = 4000, number: int = 0, count: int = 1
) -> tuple[float, int]:
    """Nats and target tokens of one process's share of the data; see `evaluate_loss`."""
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    total, tokens = 0.0, 0
    order = generator(0, "evaluation")
    for rows in token_batches(data, max_tokens=max_tokens, generator=order):
        batch = batch_share(data, rows, number=number, count=count).to(device)
        total += float(token_loss(model, batch))
        tokens += batch.num_tokens
    model.train(was_training)
    return total, tokens

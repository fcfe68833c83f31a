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


@torch.no_grad()
def evaluate_loss(model: nn.Module, data: Encoded, *, max_tokens: int = 4000) -> float:
    """Nats per target token (the end token included), teacher-forced, without dropout."""
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    total, count = 0.0, 0
    order = generator(0, "evaluation")
    for rows in token_batches(data, max_tokens=max_tokens, generator=order):
        batch = collate([data.src[i] for i in rows], [data.tgt[i] for i in rows]).to(device)
        total += float(token_loss(model, batch))
        count += batch.num_tokens
    model.train(was_training)
    return total / max(count, 1)

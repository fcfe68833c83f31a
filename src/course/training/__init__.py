"""Training: a plain PyTorch loop on Hugging Face Accelerate (chapters 2, 3 and 8).

One update is one batch of about `max_tokens` tokens; its loss is the *sum* of the token losses
divided by the number of target tokens in the whole batch, so a long sentence counts for as much as
its tokens and several processes give the loss of one.

A run with a folder can be killed at any moment and started again: it goes on from its last
checkpoint to the same losses as a run that was never interrupted. What makes that simple is that
nothing random is carried along: the order of an epoch depends on (seed, epoch) alone, and the
dropout of an update on (seed, update, process) alone.

Several processes, started by `torchrun`, train one model together (`course.processes`): each takes
a share of every batch, and of its weights too if they are sharded (`course.training.placing`). The
number of processes may change when a run goes on.
"""

from course.training.config import TrainingConfig
from course.training.history import History
from course.training.loop import train
from course.training.loss import evaluate_loss, token_loss

__all__ = ["History", "TrainingConfig", "evaluate_loss", "token_loss", "train"]

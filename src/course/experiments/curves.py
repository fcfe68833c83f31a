"""Learning curves scored both ways: teacher-forced, and free-running (chapter 3)."""

from __future__ import annotations

import time

import torch

from course.data.batching import Batch, collate
from course.data.tokenizer import PAD
from course.experiments import clause_task, slips
from course.experiments.fitting import write_out
from course.models.seq2seq import Seq2Seq
from course.results.records import Row
from course.training.scheduled_sampling import mixed_log_probs


class Curve:
    """Scores a model both ways while it is trained; its own time does not count as training.

    Attributes:
        arm: The arm, as it stands in the rows.
        seed: The seed.
        rows: What was measured so far.
        updates: How many updates the training has.
        every: Updates between two looks.
        early: The look at which errors are also noted by position.
        n: How many test sentences, of two clauses each.
    """

    def __init__(
        self, arm: str, seed: int, *, updates: int, every: int, early: int, sentences: int
    ):
        self.arm, self.seed = arm, seed
        self.rows: list[Row] = []
        self.updates, self.every, self.n = updates, every, sentences
        self.early = round(early / every) * every
        self.test = clause_task.sentences("test", 2, sentences)
        self.batch = collate(*self.test)
        self.started, self.spent = time.process_time(), 0.0

    @torch.no_grad()
    def __call__(self, update: int, model: Seq2Seq) -> None:
        """Scores the model if it is time."""
        if update % self.every and update != self.updates:
            return
        self.spent += time.process_time() - self.started
        model.eval()
        own = mixed_log_probs(model, self.batch, 0.0)
        forced = model(self.batch.src, self.batch.src_mask, self.batch.tgt_in).log_softmax(-1)
        found = {
            "forced_loss": nats(forced, self.batch),
            "own_loss": nats(own, self.batch),
            "forced_error": mean_missed(slips.forced_missed(model, *self.test)),
            "written_error": write_out(model, *self.test).token_error_rate,
            "cpu_seconds": self.spent,
        }
        self.add(update, found)
        if update == self.early:
            for name, log_probs in (("early.forced", forced), ("early.own", own)):
                wrong = (log_probs.argmax(-1) != self.batch.tgt_out).tolist()
                rows = [row[: len(t)] for row, t in zip(wrong, self.test.tgt, strict=True)]
                self.positions(name, rows)
        model.train()
        self.started = time.process_time()

    def add(self, x: int | str, found: dict[str, float]) -> None:
        """Notes numbers at one x."""
        self.rows += [
            Row(self.arm, self.seed, x, k, round(float(v), 5), self.n) for k, v in found.items()
        ]

    def positions(self, name: str, rows: list[list[bool]]) -> None:
        """Notes the share of words missed at each position that all sentences have."""
        for place in range(min(map(len, rows))):
            self.add(place + 1, {name: sum(row[place] for row in rows) / len(rows)})

    def until(self, metric: str, threshold: float) -> tuple[float, float, bool]:
        """Returns updates and seconds until an error is reached, by straight lines between looks.

        Args:
            metric: "forced_error" or "written_error".
            threshold: The error.

        Returns:
            Updates, processor seconds, and whether it was reached at all.
        """
        looks = {r.x: r.value for r in self.rows if r.metric == metric}
        clock = {r.x: r.value for r in self.rows if r.metric == "cpu_seconds"}
        before: float | None = None
        for update, error in looks.items():
            if error <= threshold:
                if before is None:
                    return float(update), clock[update], True
                part = (looks[before] - threshold) / (looks[before] - error)
                at = before + part * (float(update) - before)
                seconds = clock[before] + part * (clock[update] - clock[before])
                return at, seconds, True
            before = update  # pyright: ignore
        return float(self.updates), clock[self.updates], False


def nats(log_probs: torch.Tensor, batch: Batch) -> float:
    """Returns the cross-entropy of a batch's references in nats a token.

    Args:
        log_probs: Of the next tokens.
        batch: The references.
    """
    flat_log_probs, flat_tokens = log_probs.flatten(0, 1), batch.tgt_out.flatten()
    return float(torch.nn.functional.nll_loss(flat_log_probs, flat_tokens, ignore_index=PAD))


def mean_missed(rows: list[list[bool]]) -> float:
    """Returns the share of words missed.

    Args:
        rows: Whether each word was missed, one list a sentence.
    """
    return sum(map(sum, rows)) / sum(map(len, rows))

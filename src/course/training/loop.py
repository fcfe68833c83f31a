"""The loop: update, validate, checkpoint."""

import math
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from torch import nn
from tqdm.auto import tqdm

from course import processes
from course.data.batching import Batch, Encoded, token_batches
from course.errors import CourseError
from course.runtime import generator
from course.training import checkpoints
from course.training.config import TrainingConfig
from course.training.history import History, Progress
from course.training.loss import batch_share, summed_loss, token_loss
from course.training.placing import place, quiet


def train(
    model: nn.Module,
    data: Encoded,
    valid: Encoded,
    config: TrainingConfig,
    *,
    out: Path | None = None,
    until: int | None = None,
    progress: bool = True,
) -> History:
    """Train a sequence model in place; it ends with the weights that validated best.

    Args:
        model: a `course.models.interface.SequenceModel`.
        data: encoded training pairs.
        valid: encoded validation pairs, scored with teacher forcing.
        config: see `TrainingConfig`.
        out: folder for `log.jsonl` and `checkpoint.safetensors`; a run found there is resumed.
        until: pause after so many updates, with the schedule still that of the whole run; the same
            call without it goes on from there.
        progress: whether to show a progress bar.

    Raises:
        CourseError: if `out` holds a run with another configuration, model or data, or the
            validation loss is no longer a number.
    """
    with processes.accelerator(config.precision) as accelerator, quiet():
        run = _Run(accelerator, model, config, data, valid, out, until)
        run.resume()
        # The caller's random numbers go on as if no training had happened in between.
        device = processes.device()
        with torch.random.fork_rng([device] if device.type == "cuda" else []):
            run.loop(show=progress and processes.is_main())
        run.load_best()
    return History(run.rows, run.at.best_update, run.at.best_loss)


class _Run:
    """The parts of one training run, so that each function below stays short."""

    def __init__(
        self,
        accelerator: Accelerator,
        model: nn.Module,
        config: TrainingConfig,
        data: Encoded,
        valid: Encoded,
        out: Path | None,
        until: int | None,
    ):
        self.accelerator = accelerator
        self.config = config
        self.data = data
        self.valid = valid
        self.out = out
        self.identity = self._identity(model)
        self.placed = place(model, sharded=config.sharded, compiled=config.compiled)
        self.adam = torch.optim.Adam(
            self.placed.module.parameters(), lr=config.learning_rate, betas=(0.9, 0.98)
        )
        self.optimizer = accelerator.prepare(self.adam)
        self.last = min(until or config.max_updates, config.max_updates)
        self.at = Progress()
        self.rows: list[dict[str, int | float]] = []
        self.best = self.placed.weights()
        self.loss_sum, self.loss_tokens = 0.0, 0

    def loop(self, *, show: bool) -> None:
        """Update, validate, checkpoint, until done."""
        config, at = self.config, self.at
        bar = tqdm(total=self.last, initial=at.update, unit="update", disable=not show)
        before = at.seconds
        started = time.perf_counter()
        with bar:
            for batch, tokens in self._batches():
                if self._finished():
                    break
                with processes.others_alive():
                    self._update(batch, tokens)
                at.seconds = before + time.perf_counter() - started
                bar.update()
                bar.set_postfix_str(
                    f"loss {self.loss_sum / max(self.loss_tokens, 1):.3f}, "
                    f"{at.tokens / at.seconds:,.0f} tokens/s",
                    refresh=False,
                )
                if at.update % config.eval_every == 0 or at.update == self.last:
                    self._validate()

    def _finished(self) -> bool:
        exhausted = 0 < self.config.patience <= self.at.stale
        return self.at.update >= self.last or exhausted

    def _batches(self) -> Iterator[tuple[Batch, int]]:
        """Endless epochs, from the place where the run stands: this process's share, all tokens."""
        number, count = processes.number(), processes.count()
        while True:
            order = generator(self.config.seed, "batches", self.at.epoch)
            batches = token_batches(self.data, max_tokens=self.config.max_tokens, generator=order)
            for rows in batches[self.at.batch :]:
                self.at.batch += 1
                tokens = sum(len(self.data.tgt[row]) + 1 for row in rows)
                yield batch_share(self.data, rows, number=number, count=count), tokens
            self.at.epoch += 1
            self.at.batch = 0

    def _update(self, batch: Batch, tokens: int) -> None:
        """One step of Adam on one batch, which has so many target tokens in all processes."""
        config, at, accelerator = self.config, self.at, self.accelerator
        at.update += 1
        torch.manual_seed(_dropout_seed(config.seed, at.update, processes.number()))
        for group in self.optimizer.param_groups:
            group["lr"] = config.rate(at.update)
        self.placed.forward.train()
        with accelerator.autocast():
            loss = token_loss(
                self.placed.forward,
                batch.to(processes.device()),
                label_smoothing=config.label_smoothing,
            )
        # Gradients are averaged over processes; the loss is per token of all of them.
        accelerator.backward(loss * processes.count() / tokens)
        accelerator.clip_grad_norm_(self.placed.module.parameters(), config.clip_norm)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.loss_sum += float(loss.detach())
        self.loss_tokens += batch.num_tokens
        at.tokens += tokens

    def _validate(self) -> None:
        """Score, log, remember the best, and write the checkpoint."""
        config, at = self.config, self.at
        with self.accelerator.autocast(), processes.others_alive():
            nats = summed_loss(
                self.placed.forward,
                self.valid,
                max_tokens=config.max_tokens,
                number=processes.number(),
                count=processes.count(),
            )
        loss, tokens, valid_nats, valid_tokens = processes.total(
            self.loss_sum, self.loss_tokens, *nats
        )
        valid_loss = valid_nats / max(valid_tokens, 1)
        if not math.isfinite(valid_loss):
            raise CourseError(
                f"Training diverged: after {at.update} updates the validation loss is "
                f"{valid_loss}. Start again with a learning rate below {config.learning_rate:g}."
            )
        row = {
            "update": at.update,
            "epoch": at.epoch,
            "tokens": at.tokens,
            "seconds": round(at.seconds, 3),
            "learning_rate": config.rate(at.update),
            "loss": loss / max(tokens, 1),
            "valid_loss": valid_loss,
        }
        self.rows.append(row)
        self.loss_sum, self.loss_tokens = 0.0, 0
        if valid_loss < at.best_loss:
            at.best_loss, at.best_update, at.stale = valid_loss, at.update, 0
            self.best = self.placed.weights()
        else:
            at.stale += 1
        if self.out is not None:
            self._save(self.out)

    def _identity(self, model: nn.Module) -> dict[str, Any]:
        """What must be the same for a run to be resumed."""
        sizes = {name: list(p.shape) for name, p in model.state_dict().items()}
        data = {"pairs": len(self.data.src), "tokens": sum(map(len, self.data.tgt))}
        training = asdict(self.config)
        # how it is computed, which another machine may do otherwise
        del training["compiled"], training["sharded"]
        if self.config.schedule != "linear":  # the others can be run for longer
            del training["max_updates"]
        return {"training": training, "model": sizes, "data": data}

    def _save(self, out: Path) -> None:
        scaler = self.accelerator.scaler
        state = {
            "identity": self.identity,
            "progress": asdict(self.at),
            "rows": self.rows,
            "scaler": scaler.state_dict() if scaler is not None else None,
        }
        tensors = {"model": self.placed.weights(), "best": self.best}
        moments = self.placed.moments(self.adam)  # all processes take part in these

        def write() -> None:
            checkpoints.save(out, tensors=tensors, optimizer=moments, state=state)
            checkpoints.write_log(out, self.rows)

        processes.on_main(write)

    def resume(self) -> None:
        """Go on from the checkpoint in `out`, if there is one."""
        found = checkpoints.find(self.out, self.identity) if self.out is not None else None
        if found is None:
            return
        self.placed.load(found.tensors["model"])
        self.placed.load_moments(self.adam, found.optimizer)
        if found.state["scaler"] is not None and self.accelerator.scaler is not None:
            self.accelerator.scaler.load_state_dict(found.state["scaler"])
        self.best = found.tensors["best"]
        self.at = Progress(**found.state["progress"])
        self.rows = found.state["rows"]

    def load_best(self) -> None:
        """Give the model the weights that validated best."""
        self.placed.finish(processes.spread(self.best))


def _dropout_seed(seed: int, update: int, process: int) -> int:
    return generator(seed, "dropout", update, process).initial_seed()

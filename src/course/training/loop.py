"""The loop: update, validate, checkpoint."""

import math
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from torch import Tensor, nn
from tqdm.auto import tqdm

from course.data.batching import Batch, Encoded, collate, token_batches
from course.errors import CourseError
from course.runtime import default_device, generator
from course.training import checkpoints
from course.training.config import TrainingConfig
from course.training.history import History, Progress
from course.training.loss import evaluate_loss, token_loss


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
    accelerator = Accelerator(mixed_precision=config.precision, cpu=default_device().type == "cpu")
    optimizer = torch.optim.Adam(model.parameters(), lr=config.learning_rate, betas=(0.9, 0.98))
    wrapped, optimizer = accelerator.prepare(model, optimizer)
    run = _Run(accelerator, wrapped, optimizer, config, data, valid, out, until)
    run.resume()
    # The caller's random numbers go on as if no training had happened in between.
    with torch.random.fork_rng():
        run.loop(show=progress and accelerator.is_main_process)
    run.load_best()
    return History(run.rows, run.at.best_update, run.at.best_loss)


class _Run:
    """The parts of one training run, so that each function below stays short."""

    def __init__(
        self,
        accelerator: Accelerator,
        model: nn.Module,
        optimizer: Any,
        config: TrainingConfig,
        data: Encoded,
        valid: Encoded,
        out: Path | None,
        until: int | None,
    ):
        self.accelerator = accelerator
        self.model = model
        self.optimizer = optimizer
        self.config = config
        self.data = data
        self.valid = valid
        self.out = out
        self.last = min(until or config.max_updates, config.max_updates)
        self.at = Progress()
        self.rows: list[dict[str, int | float]] = []
        self.best: dict[str, Tensor] = self._weights()
        self.loss_sum, self.loss_tokens = 0.0, 0

    def loop(self, *, show: bool) -> None:
        """Update, validate, checkpoint, until done."""
        config, at = self.config, self.at
        bar = tqdm(total=self.last, initial=at.update, unit="update", disable=not show)
        before = at.seconds
        started = time.perf_counter()
        with bar:
            for batch in self._batches():
                if self._finished():
                    break
                self._update(batch)
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

    def _batches(self) -> Iterator[Batch]:
        """Endless epochs, from the place where the run stands; this process's rows of each."""
        rank, world = self.accelerator.process_index, self.accelerator.num_processes
        while True:
            order = generator(self.config.seed, "batches", self.at.epoch)
            batches = token_batches(self.data, max_tokens=self.config.max_tokens, generator=order)
            for rows in batches[self.at.batch :]:
                self.at.batch += 1
                # A batch smaller than the number of processes would leave one without work.
                mine = rows[rank::world] or rows[:1]
                yield collate([self.data.src[i] for i in mine], [self.data.tgt[i] for i in mine])
            self.at.epoch += 1
            self.at.batch = 0

    def _update(self, batch: Batch) -> None:
        """One step of Adam on one batch."""
        config, at, accelerator = self.config, self.at, self.accelerator
        at.update += 1
        torch.manual_seed(_dropout_seed(config.seed, at.update, accelerator.process_index))
        for group in self.optimizer.param_groups:
            group["lr"] = config.rate(at.update)
        batch = batch.to(accelerator.device)
        mine = torch.tensor(batch.num_tokens, device=accelerator.device)
        tokens = int(accelerator.reduce(mine, "sum"))  # pyright: ignore
        self.model.train()
        loss = token_loss(self.model, batch, label_smoothing=config.label_smoothing)
        # Gradients are averaged over processes; the loss is per token of all of them.
        accelerator.backward(loss * accelerator.num_processes / tokens)
        accelerator.clip_grad_norm_(self.model.parameters(), config.clip_norm)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.loss_sum += float(accelerator.reduce(loss.detach(), "sum"))  # pyright: ignore
        self.loss_tokens += tokens
        at.tokens += tokens

    def _validate(self) -> None:
        """Score, log, remember the best, and write the checkpoint."""
        config, at = self.config, self.at
        valid_loss = evaluate_loss(self.model, self.valid, max_tokens=config.max_tokens)
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
            "loss": self.loss_sum / max(self.loss_tokens, 1),
            "valid_loss": valid_loss,
        }
        self.rows.append(row)
        self.loss_sum, self.loss_tokens = 0.0, 0
        if valid_loss < at.best_loss:
            at.best_loss, at.best_update, at.stale = valid_loss, at.update, 0
            self.best = self._weights()
        else:
            at.stale += 1
        if self.out is not None and self.accelerator.is_main_process:
            self._save(self.out)

    def _weights(self) -> dict[str, Tensor]:
        state = self.accelerator.unwrap_model(self.model).state_dict()
        return {name: tensor.detach().cpu().clone() for name, tensor in state.items()}

    def _identity(self) -> dict[str, Any]:
        """What must be the same for a run to be resumed."""
        model = self.accelerator.unwrap_model(self.model)
        sizes = {name: list(p.shape) for name, p in model.state_dict().items()}
        data = {"pairs": len(self.data.src), "tokens": sum(map(len, self.data.tgt))}
        training = asdict(self.config)
        if self.config.schedule != "linear":  # the others can be run for longer
            del training["max_updates"]
        return {"training": training, "model": sizes, "data": data}

    def _save(self, out: Path) -> None:
        scaler = self.accelerator.scaler
        checkpoints.save(
            out,
            tensors={"model": self._weights(), "best": self.best},
            optimizer=self.optimizer.state_dict(),
            state={
                "identity": self._identity(),
                "progress": asdict(self.at),
                "rows": self.rows,
                "scaler": scaler.state_dict() if scaler is not None else None,
            },
        )
        checkpoints.write_log(out, self.rows)

    def resume(self) -> None:
        """Go on from the checkpoint in `out`, if there is one."""
        if self.out is None:
            return
        self.out.mkdir(parents=True, exist_ok=True)
        if self.accelerator.is_main_process:
            checkpoints.clear_temporary(self.out)
        found = checkpoints.load(self.out)
        if found is None:
            return
        checkpoints.require_same(self.out, found.state["identity"], self._identity())
        self.accelerator.unwrap_model(self.model).load_state_dict(found.tensors["model"])
        self.optimizer.load_state_dict(
            checkpoints.optimizer_state(self.optimizer.state_dict(), found.optimizer)
        )
        if found.state["scaler"] is not None and self.accelerator.scaler is not None:
            self.accelerator.scaler.load_state_dict(found.state["scaler"])
        self.best = found.tensors["best"]
        self.at = Progress(**found.state["progress"])
        self.rows = found.state["rows"]
        checkpoints.write_log(self.out, self.rows)

    def load_best(self) -> None:
        """Give the model the weights that validated best."""
        self.accelerator.unwrap_model(self.model).load_state_dict(self.best)


def _dropout_seed(seed: int, update: int, process: int) -> int:
    return generator(seed, "dropout", update, process).initial_seed()

"""C10: is the Transformer parallel where the RNN is sequential? (chapter 8).

One layer of each kind, with equally many parameters (within 5%) and the same tokens:

- `gru`: PyTorch's GRU, whose loop over time runs in C++
- `scan`: minGRU, a recurrence that is linear in its state, computed by a scan: the control, since
  it is the *nonlinear* recurrence that has to wait
- `transformer`: a causal Transformer layer with its fused kernel

All are measured side by side in one run, in an order drawn anew each time; a seed is a repetition.
Rows at x = length: `training` (forward and backward over a batch of 4,096 tokens), `prefill` (one
text read at once, without gradients) and `generation` (one text, token after token, with the state
or the cache of keys and values), each in microseconds a token, the median of several; `chain` (see
`inspection.longest_chain`) and `operations` (multiplications a token of a forward pass, counted).
At x = "run": `parameters`.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable

import torch
from torch.utils.flop_counter import FlopCounterMode

from course.experiments.fitting import number_of_parameters
from course.experiments.rules import (
    CAVEAT,
    INCONCLUSIVE,
    NOT_SUPPORTED,
    SUPPORTED,
    Verdict,
    by_seed,
    flat,
    interval,
)
from course.experiments.runner import Arm
from course.experiments.sequence_layers import NUM_HEADS, WIDTHS, build
from course.inspection import capture_attention, longest_chain
from course.results.records import Row
from course.runtime import default_device, generator

CLAIM = "C10"
HYPOTHESIS = (
    "On sequences of 512 tokens a training step of a GRU takes at least twice as long as that of a "
    "causal Transformer layer with as many parameters on as many tokens; and so does generation, "
    "token by token."
)
SMALLEST_EFFECT = 2.0
"""Times as long."""
LENGTHS = (16, 32, 64, 128, 256, 512, 1024)
DECIDING = 512

CONFIG = {
    "widths": WIDTHS,
    "num_heads": NUM_HEADS,
    "tokens_a_batch": 4096,
    "repeats": 5,
    "generated": 64,
    "dtype": "float32",
}
MODES = ("training", "prefill", "generation")
ARMS = (Arm(name="transformer", seconds=20),)  # measured together with the others
ONE_AT_A_TIME = "it measures time."


def task(mode: str, kind: str, length: int) -> tuple[Callable[[], None], int]:
    """Returns what is to be timed, and how many tokens it takes.

    Args:
        mode: One of `MODES`.
        kind: See `build`.
        length: Of the sequences; for generation, how many tokens stand before the first.
    """
    device, width = default_device(), WIDTHS[kind]
    layer = build(kind).to(device)
    rows = max(1, CONFIG["tokens_a_batch"] // length) if mode == "training" else 1
    steps = CONFIG["generated"] if mode == "generation" else length
    x = torch.randn(rows, steps, width, device=device)

    def training() -> None:
        layer(x).sum().backward()

    @torch.inference_mode()
    def prefill() -> None:
        layer(x)

    @torch.inference_mode()
    def generation() -> None:
        layer.generate(x, length)

    tasks = {"training": training, "prefill": prefill, "generation": generation}
    return tasks[mode], rows * steps


def seconds(run: Callable[[], None]) -> float:
    """Returns how long a call takes, all work on the device included.

    Args:
        run: What to time.
    """
    device = default_device()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    started = time.perf_counter()
    run()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - started


def timings(mode: str, length: int, seed: int) -> dict[str, float]:
    """Returns microseconds a token of each arm, measured in turns.

    Args:
        mode: See `task`.
        length: See `task`.
        seed: Of the order of the turns.
    """
    tasks = {kind: task(mode, kind, length) for kind in WIDTHS}
    for run, _ in tasks.values():
        run()  # the first call allocates and compiles
    found: dict[str, list[float]] = {kind: [] for kind in tasks}
    kinds, draw = list(tasks), generator(seed, "c10", mode, length)
    for _ in range(CONFIG["repeats"]):
        for turn in torch.randperm(len(kinds), generator=draw).tolist():
            run, tokens = tasks[kinds[turn]]
            found[kinds[turn]].append(1e6 * seconds(run) / tokens)
    return {kind: statistics.median(values) for kind, values in found.items()}


def chain(kind: str, length: int) -> int:
    """Returns the longest chain of operations of a forward pass.

    Args:
        kind: See `build`.
        length: Of the sequence.
    """
    x = torch.randn(1, length, WIDTHS[kind], requires_grad=True)
    return longest_chain(build(kind)(x))


def operations(kind: str, length: int) -> float:
    """Returns the multiplications a token of a forward pass, matrix products alone.

    Args:
        kind: See `build`.
        length: Of the sequence.
    """
    width = WIDTHS[kind]
    if kind == "gru":  # the counter does not see into PyTorch's loop
        return 6.0 * width * width
    layer, counter = build(kind), FlopCounterMode(display=False)
    with capture_attention(layer), counter:  # asked for its weights, the kernel's work is seen too
        layer(torch.randn(1, length, width))
    return counter.get_total_flops() / 2 / length


def measure(arm: str, seed: int, rate: float) -> list[Row]:
    """Times all arms side by side, once.

    Args:
        arm: "transformer"; the other kinds are measured beside it.
        seed: The repetition.
        rate: Not used: nothing is trained.
    """
    torch.manual_seed(seed)
    rows: list[Row] = []
    for kind in WIDTHS:
        size = float(number_of_parameters(build(kind)))
        rows.append(Row(kind, seed, "run", "parameters", size, 1))
        for length in LENGTHS:
            rows += [
                Row(kind, seed, length, "chain", float(chain(kind, length)), 1),
                Row(kind, seed, length, "operations", operations(kind, length), 1),
            ]
    for mode in MODES:
        for length in LENGTHS:
            found = timings(mode, length, seed)
            rows += [
                Row(kind, seed, length, mode, micros, CONFIG["repeats"])
                for kind, micros in found.items()
            ]
    return rows


def summary(rows: Iterable[Row]) -> dict[str, float]:
    """Returns how many times as long the others take as the Transformer, with intervals.

    Keys, each with `.low` and `.high`: MODE.gru and MODE.scan at the deciding length, and
    MODE.gru.LENGTH and MODE.scan.LENGTH.

    Args:
        rows: The rows of the record.
    """
    rows = list(rows)
    found: dict[str, float] = {}
    for mode in MODES:
        for kind in ("gru", "scan"):
            for length in LENGTHS:
                ratio = _ratio(rows, kind, mode, length)
                if ratio:
                    name = f"{mode}__{kind}"
                    found |= flat(**{f"{name}__{length}": interval(ratio)})
                    if length == DECIDING:
                        found |= flat(**{name: interval(ratio)})
    return found


def _ratio(rows: list[Row], kind: str, mode: str, length: int) -> list[float]:
    slow = by_seed(rows, arm=kind, metric=mode, x=[length])
    fast = by_seed(rows, arm="transformer", metric=mode, x=[length])
    return [slow[seed] / fast[seed] for seed in sorted(slow.keys() & fast.keys())]


def verdict(rows: Iterable[Row]) -> Verdict:
    """Judges the hypothesis at the deciding length, over whole intervals.

    Supported: training and generation of the GRU take at least twice as long as the Transformer's.
    With a caveat: training does, generation does not surely. Not supported: training surely takes
    less than twice as long. Else inconclusive.

    Args:
        rows: The rows of the record.
    """
    s = summary(rows)
    if s["training.gru.low"] >= SMALLEST_EFFECT:
        return SUPPORTED if s["generation.gru.low"] >= SMALLEST_EFFECT else CAVEAT
    return NOT_SUPPORTED if s["training.gru.high"] < SMALLEST_EFFECT else INCONCLUSIVE


RULE = (HYPOTHESIS, SMALLEST_EFFECT, DECIDING, summary, _ratio, verdict)

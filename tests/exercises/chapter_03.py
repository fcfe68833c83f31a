"""Wrong answers to the exercises of chapter 3."""

from exercises import Wrong


def shift(reads: str, writes: str) -> str:
    return (
        "def shifted(rows):\n"
        "    width = max(len(row) for row in rows)\n"
        "    blank = [[PAD] * (width - len(row)) for row in rows]\n"
        f"    reads = [{reads} for row, pad in zip(rows, blank)]\n"
        f"    writes = [{writes} for row, pad in zip(rows, blank)]\n"
        "    return torch.tensor(reads), torch.tensor(writes)\n"
    )


def sigmoid(body: str) -> str:
    return (
        "def inverse_sigmoid(k):\n    def share(update):\n"
        f"        return {body}\n\n    return share\n"
    )


def own(inside: str, steps: str = "range(batch.tgt_in.shape[1])") -> str:
    return (
        "def mended(model, batch):\n"
        "    memory = model.encode(batch.src, batch.src_mask)\n"
        "    state = model.start(memory, batch.tgt_in[:, :0])\n"
        "    word, answers = batch.tgt_in[:, 0], []\n"
        f"    for t in {steps}:\n"
        "        step = model.step(word, memory, state)\n"
        f"        {inside}\n"
        "        answers.append(step.log_probs)\n"
        "    return torch.stack(answers, 1)\n"
        "answer_3_4 = mended\n"
    )


def both(
    wrong: str = "((best != batch.tgt_out) & batch.tgt_mask)",
    forced: str = "wrong.sum().item() / batch.num_tokens",
    free: str = "edits / sum(len(t) for t in tgt)",
    limit: str = "limit",
) -> str:
    return (
        "def both_ways(model, src, tgt, limit):\n"
        "    batch = collate(src, tgt)\n"
        "    best = model(batch.src, batch.src_mask, batch.tgt_in).argmax(-1)\n"
        f"    wrong = {wrong}\n"
        f"    written = greedy(model, batch.src, batch.src_mask, max_length={limit})\n"
        "    edits = sum(edit_distance(h.tokens, t) for h, t in zip(written, tgt))\n"
        f"    return {forced}, {free}\n"
    )


def table(body: str) -> str:
    return f"def learnt(share, n):\n    return {body}\n"


def scheduled(
    coins: str = "torch.rand(len(word), generator=generator)",
    word: str = "torch.where(coins < share, batch.tgt_in[:, t], step.log_probs.argmax(-1))",
    state: str = "state = step.state",
    answer: str = "step.log_probs",
) -> str:
    return (
        "def scheduled_pass(model, batch, share, generator):\n"
        "    memory = model.encode(batch.src, batch.src_mask)\n"
        "    state = model.start(memory, batch.tgt_in[:, :0])\n"
        "    word, answers = batch.tgt_in[:, 0], []\n"
        "    once = torch.rand(len(word), generator=generator)\n"
        "    for t in range(1, batch.tgt_in.shape[1] + 1):\n"
        "        step = model.step(word, memory, state)\n"
        f"        {state}\n"
        f"        answers.append({answer})\n"
        "        if t < batch.tgt_in.shape[1]:\n"
        f"            coins = {coins}\n"
        f"            word = {word}\n"
        "    return torch.stack(answers, 1)\n"
    )


WRONG: dict[str, list[Wrong]] = {
    "3.1": [
        Wrong("prediction_3_1 = 0.9", "mended at once, by the reference"),
        Wrong("prediction_3_1 = 0.5", "its first error is also its last change"),
        Wrong("prediction_3_1 = 1.0", "How many steps is the first symbol right for?"),
        Wrong("prediction_3_1 = 0.0", "repeats it"),
        Wrong("prediction_3_1 = 12.5", "Predict a number from 0 to 1"),
        Wrong('prediction_3_1 = "low"', "Predict a number"),
    ],
    "3.2": [
        Wrong(
            shift("row + [EOS] + pad", "row + [EOS] + pad"), "what the decoder reads is not right"
        ),
        Wrong(
            shift("[BOS] + row + pad", "[BOS] + row + pad"), "what the decoder writes is not right"
        ),
        Wrong(
            shift("row + [EOS] + pad", "[BOS] + row + pad"), "what the decoder reads is not right"
        ),
        Wrong(
            shift("[BOS] + row + pad", "row + pad + [EOS]"), "what the decoder writes is not right"
        ),
        Wrong(shift("[BOS] + row[:-1] + pad", "row + pad"), "where (1, 4) is asked for"),
        Wrong(
            "def shifted(rows):\n"
            "    for row in rows:\n"
            "        row.append(EOS)\n"
            "    batch = collate(rows, rows)\n"
            "    return batch.tgt_in[:, :-1], batch.tgt_in[:, 1:]\n",
            "changes the rows it is given",
        ),
    ],
    "3.3": [
        Wrong(sigmoid("k / (k + math.exp(update / k))"), "OverflowError"),
        Wrong(sigmoid("1 / (1 + math.exp(min(update / k, 700)))"), "does not follow the formula"),
        Wrong(sigmoid("k / (k + math.exp(min(update, 700)))"), "does not follow the formula"),
        Wrong(
            sigmoid("1 - k / (k + math.exp(min(update / k, 700)))"), "does not follow the formula"
        ),
        Wrong("def inverse_sigmoid(k):\n    return k / (k + 1)\n", "A function is asked for"),
    ],
    "3.4": [
        Wrong(own("word = step.log_probs.argmax(-1)"), "The first step is right, and the second"),
        Wrong(
            own("word, state = batch.tgt_in[:, min(t + 1, batch.tgt_in.shape[1] - 1)], step.state"),
            "and the second is not",
        ),
        Wrong(own("word, state = batch.tgt_out[:, t], step.state"), "and the second is not"),
        Wrong(
            own(
                "word, state = step.log_probs.argmax(-1), step.state",
                "range(batch.tgt_in.shape[1] - 1)",
            ),
            "log-probabilities of shape",
        ),
        Wrong(own("state = step.state"), "and the second is not"),
        Wrong(own("word, state = step.log_probs.argmin(-1), step.state"), "and the second is not"),
    ],
    "3.5": [
        Wrong(both(wrong="(best != batch.tgt_out)"), "the first number is not the share"),
        Wrong(both(wrong="(best != batch.tgt_in) & batch.tgt_mask"), "the first number is not"),
        Wrong(both(forced="wrong.float().mean().item()"), "the first number is not the share"),
        Wrong(both(wrong="(best == batch.tgt_out) & batch.tgt_mask"), "the first number is not"),
        Wrong(both(free="edits / len(tgt)"), "the second number is not"),
        Wrong(both(free="edits / batch.num_tokens"), "the second number is not"),
        Wrong(
            both(free="1 - sum(list(h.tokens) == t for h, t in zip(written, tgt)) / len(tgt)"),
            "the second number is not",
        ),
    ],
    "3.6": [
        Wrong(table("share"), "the probability is not right"),
        Wrong(table("(1 + share) / 2"), "With 3 sentences"),
        Wrong(table("1 / n"), "the probability is not right"),
        Wrong(table("share / n + (1 - share)"), "the probability is not right"),
        Wrong(table("share + (1 - share) / (n - 1)"), "the probability is not right"),
        Wrong(table("share + (1 - share) / n**2"), "the probability is not right"),
    ],
    "3.7": [
        Wrong(scheduled(state="pass"), "With a share of 1 it is not the teacher-forced pass"),
        Wrong(
            scheduled(
                word="torch.where(coins < share, step.log_probs.argmax(-1), batch.tgt_in[:, t])"
            ),
            "With a share of 1 it is not the teacher-forced pass",
        ),
        Wrong(scheduled(coins="torch.rand(1, generator=generator)"), "each needs coins of its own"),
        Wrong(scheduled(coins="once"), "each needs coins of its own"),
        Wrong(
            scheduled(
                word="torch.where(coins < share, batch.tgt_in[:, t - 1], step.log_probs.argmax(-1))"
            ),
            "With a share of 1 it is not the teacher-forced pass",
        ),
        Wrong(scheduled(answer="step.log_probs.detach()"), "No gradient flows back"),
        Wrong(
            scheduled(state="state = tuple(part.detach() for part in step.state)"),
            "the encoder's gradient is not right",
        ),
        Wrong(scheduled(coins="torch.rand(len(word), generator=generator) ** 2"), "should be the"),
    ],
}

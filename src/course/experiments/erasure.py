"""What happens to a written word when a source word is taken away: faithfulness (chapter 5, C8).

For each target word of a reference one source word is chosen in three ways: the one most attended
to, one at random, and the one with the largest gradient times input (the gradient of the target
word's log-probability with respect to the source embeddings). It is taken away in two ways:

- `hidden`: attention may not read its states while the target word is written. What the states
  before were read from, and what neighbouring states know of the word, stays.
- `deleted`: the word is cut out of the source, which is encoded afresh.

The effect is by how much the log-probability of the target word falls, in nats. A word in several
pieces counts with its first one, where it is chosen.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor

from course.data.batching import collate, source_batch
from course.decoding import force_decode
from course.experiments.linking import Tokens
from course.models.seq2seq import Seq2Seq

RANKINGS = ("attention", "random", "gradient")
WAYS = ("hidden", "deleted")


def effects(model: Seq2Seq, pair: Tokens, source: torch.Generator) -> dict[str, list[float]]:
    """Returns the fall of each target word's log-probability, by "RANKING.WAY", in nats.

    Under "agree" it lists 1 where attention and gradient choose the same word, else 0.

    Args:
        model: With additive attention.
        pair: A source of two words or more, and its reference.
        source: Of the random choices.
    """
    firsts = [t for t, w in enumerate(pair.tgt_words) if t == 0 or w != pair.tgt_words[t - 1]]
    batch = collate([pair.src], [pair.tgt])
    with torch.no_grad():
        log_probs, states, weights = _forced(model, batch.src, batch.tgt_in)
    wanted = batch.tgt_out[0]
    before = log_probs[torch.arange(len(wanted)), wanted][firsts]
    words = torch.tensor(pair.src_words)
    number = int(words.max()) + 1
    chosen = {
        "attention": _by_word(weights[firsts], words, number).argmax(1),
        "random": torch.randint(number, (len(firsts),), generator=source),
        "gradient": _by_word(_contributions(model, pair, firsts), words, number).abs().argmax(1),
    }
    found = {"agree": (chosen["attention"] == chosen["gradient"]).double().tolist()}
    for ranking, words_chosen in chosen.items():
        gone = words_chosen[:, None] == words  # (rows, source tokens), True where taken away
        after = {
            "hidden": _hidden(model, batch.src, batch.tgt_in[0][firsts], states, firsts, gone),
            "deleted": _deleted(model, pair, gone)[torch.arange(len(firsts)), firsts],
        }
        for way, rows in after.items():
            now = rows.gather(1, wanted[firsts][:, None])[:, 0]
            found[f"{ranking}.{way}"] = (before - now).tolist()
    return found


def _by_word(scores: Float[Tensor, "R S"], words: Int[Tensor, " W"], number: int) -> Tensor:
    """Sums scores over the tokens of each word; the end token, the last column, is left out."""
    found = scores.new_zeros(len(scores), number)
    return found.index_add(1, words, scores[:, : len(words)])


def _forced(model: Seq2Seq, src: Tensor, tgt_in: Tensor) -> tuple[Tensor, list[Tensor], Tensor]:
    """Writes the reference; returns log-probabilities, the state before each step, and weights."""
    memory = model.encode(src, torch.ones_like(src, dtype=torch.bool))
    state, states, log_probs, weights = model.start(memory, tgt_in[:, :0]), [], [], []
    for token in tgt_in.unbind(1):
        states.append(state[0])
        step = model.step(token, memory, state, return_weights=True)
        log_probs.append(step.log_probs[0])
        assert step.weights is not None
        weights.append(step.weights[0, 0, 0])
        state = step.state
    return torch.stack(log_probs), states, torch.stack(weights)


@torch.no_grad()
def _hidden(
    model: Seq2Seq,
    src: Tensor,
    tokens: Tensor,
    states: Sequence[Tensor],
    firsts: Sequence[int],
    gone: Tensor,
) -> Float[Tensor, "R V"]:
    """Takes each step once more, from the same state, with some states of the encoder masked."""
    rows = len(firsts)
    memory = model.encode(src, torch.ones_like(src, dtype=torch.bool))
    outputs, keys, mask, summary = (part.expand(rows, *part.shape[1:]) for part in memory)
    mask = mask.clone()
    mask[:, :-1] &= ~gone
    state = (torch.cat([states[t] for t in firsts]),)
    return model.step(tokens, (outputs, keys, mask, summary), state).log_probs


def _deleted(model: Seq2Seq, pair: Tokens, gone: Tensor) -> Float[Tensor, "R T V"]:
    """Writes the reference from each shortened source."""
    kept = [[token for token, g in zip(pair.src, row, strict=True) if not g] for row in gone]
    batch = collate(kept, [pair.tgt] * len(kept))
    return force_decode(model, batch.src, batch.src_mask, batch.tgt_in).log_probs


def _contributions(model: Seq2Seq, pair: Tokens, firsts: Sequence[int]) -> Float[Tensor, "R S"]:
    """Gradient times input: how much each source token adds to each target word, to first order.

    Shrikumar et al. 2017, section 2.
    """
    rows = len(firsts)
    src, mask = source_batch([pair.src] * rows)
    batch = collate([pair.src] * rows, [pair.tgt] * rows)
    with torch.enable_grad():
        embedded = model.embed(src).detach().requires_grad_()
        outputs, summary = model.encoder(embedded, mask.sum(1))
        memory = (outputs, model.decoder.reader.keys(outputs), mask, summary)
        state = model.decoder.initial_state(summary)
        features, _, _ = model.decoder(model.embed(batch.tgt_in), memory, state)
        at = torch.arange(rows), torch.tensor(firsts)
        log_probs = model.logits(features[at][:, None])[:, 0].log_softmax(-1)
        chosen = log_probs.gather(1, batch.tgt_out[at][:, None]).sum()
        (gradient,) = torch.autograd.grad(chosen, embedded)
    return (gradient * embedded.detach()).sum(-1)

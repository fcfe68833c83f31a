"""How fast the package trains, searches and loads; beside the usual way to do the same.

The peer of the batches is what most tutorials do: sentences in random order, a fixed number to a
batch, padded to the longest. Model and data are the same; both run in one process, in turn.
"""

import statistics
import time
from functools import cache
from typing import Any

import torch

from course.data import corpora
from course.data.batching import Encoded, collate, encode, padding, token_batches
from course.data.tokenizer import Tokenizer
from course.decoding import translate
from course.errors import CourseError
from course.models.seq2seq import Seq2Seq, Seq2SeqConfig
from course.runtime import generator, set_seed
from course.training import token_loss

MAX_TOKENS = 4000
UPDATES = 24
SENTENCES = 192
RANDOM_ROWS = 128


@cache
def corpus() -> tuple[str, Tokenizer, Encoded, list[str]]:
    """Return name, tokeniser, training data and test sources: Multi30k, else the grammar."""
    try:
        loaded = corpora.load("multi30k", src="en", tgt="fr")
    except CourseError as error:
        print(f"{error} Measuring on the grammar instead.")
        loaded = corpora.load("grammar")
    pairs = loaded.train[:29_000]
    tokenizer = Tokenizer.train((text for pair in pairs for text in pair), vocab_size=6000)
    return loaded.name, tokenizer, encode(pairs, tokenizer), [e.src for e in loaded.test]


def model() -> Seq2Seq:
    """Return a GRU with additive attention, d 256."""
    set_seed(1)
    _, tokenizer, _, _ = corpus()
    config = Seq2SeqConfig(
        vocab_size=len(tokenizer),
        d_embed=256,
        d_model=256,
        cell="gru",
        bidirectional=True,
        context="additive",
    )
    return Seq2Seq(config)


def random_batches(data: Encoded) -> list[list[int]]:
    """Return index lists of one epoch as the peer makes them."""
    order = torch.randperm(len(data.src), generator=generator(1, "peer")).tolist()
    return [order[i : i + RANDOM_ROWS] for i in range(0, len(order), RANDOM_ROWS)]


def bucketed(data: Encoded) -> list[list[int]]:
    """Return index lists of one epoch as the package makes them."""
    return token_batches(data, max_tokens=MAX_TOKENS, generator=generator(1, "bench"))


def update(network: Seq2Seq, optimizer: torch.optim.Optimizer, data: Encoded, rows: list[int]):
    """Make one update; return its target tokens and the seconds spent on loading and in all."""
    start = time.perf_counter()
    batch = collate([data.src[i] for i in rows], [data.tgt[i] for i in rows])
    loaded = time.perf_counter()
    loss = token_loss(network, batch) / batch.num_tokens
    loss.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad()
    return batch.num_tokens, loaded - start, time.perf_counter() - start


def training() -> dict[str, Any]:
    """Target tokens a second: buckets under a token budget, and random batches, in turn."""
    name, _, data, _ = corpus()
    ways = {"buckets": bucketed(data), "random_batches": random_batches(data)}
    network = model()
    optimizer = torch.optim.Adam(network.parameters())
    tokens = {way: 0 for way in ways}
    seconds = {way: 0.0 for way in ways}
    for i in range(UPDATES):
        for way, batches in ways.items():
            n, _, spent = update(network, optimizer, data, batches[i])
            if i >= 2:  # the first updates allocate
                tokens[way] += n
                seconds[way] += spent
    speed = {f"{way}_tokens_per_second": round(tokens[way] / seconds[way]) for way in ways}
    parameters = sum(p.numel() for p in network.parameters())
    return {"corpus": name, "parameters": parameters, "max_tokens": MAX_TOKENS, **speed}


def loading() -> dict[str, Any]:
    """Share of the time of an update that making its batch takes, the epoch's order included."""
    name, _, data, _ = corpus()
    start = time.perf_counter()
    batches = bucketed(data)
    order = (time.perf_counter() - start) / len(batches)
    network = model()
    optimizer = torch.optim.Adam(network.parameters())
    shares = []
    for rows in batches[: UPDATES // 2]:
        _, loading_seconds, seconds = update(network, optimizer, data, rows)
        shares.append((loading_seconds + order) / (seconds + order))
    return {"corpus": name, "share_of_update": round(statistics.median(shares), 4)}


def padded() -> dict[str, Any]:
    """Share of padding in the batches of an epoch."""
    name, _, data, _ = corpus()
    return {
        "corpus": name,
        "max_tokens": MAX_TOKENS,
        "buckets_share": round(padding(data, bucketed(data)), 4),
        "random_batches_share": round(padding(data, random_batches(data)), 4),
    }


def decoding() -> dict[str, Any]:
    """Sentences a second: beam 5 in batches and one by one, and greedy.

    The model is the shipped one with attention, since an untrained one does not stop.
    """
    from course import zoo

    shipped = zoo.load("tatoeba-en-fr-bahdanau")
    network, tokenizer = shipped.model, shipped.tokenizer
    texts = corpus()[3][:SENTENCES]
    found: dict[str, Any] = {"sentences": len(texts), "beam": 5}

    def speed(count: int, run: Any) -> float:
        start = time.perf_counter()
        with torch.no_grad():
            run()
        return round(count / (time.perf_counter() - start), 1)

    translate(network, tokenizer, texts[:8], beam=5)
    found["beam5_batched_per_second"] = speed(
        len(texts), lambda: translate(network, tokenizer, texts, beam=5, batch_size=64)
    )
    few = texts[:24]
    found["beam5_single_per_second"] = speed(
        len(few), lambda: [translate(network, tokenizer, [text], beam=5) for text in few]
    )
    found["beam1_batched_per_second"] = speed(
        len(texts), lambda: translate(network, tokenizer, texts, beam=1, batch_size=64)
    )
    return found

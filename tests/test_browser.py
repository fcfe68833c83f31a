"""The browser's modules, run by Node: tokenizer, search and engine do what Python does."""

import random
from pathlib import Path

import pytest
import torch

from course import zoo
from course.data import grammar
from course.data.batching import source_batch
from course.data.tokenizer import EOS, PAD, Tokenizer, normalise
from course.decoding import LengthPenalty, beam_search, greedy, trace_beam_search
from course.decoding.translating import _generated_words
from course.models.interface import Step
from course.runtime import generator
from exporting import exported
from node_tests import run, write

ROOT = Path(__file__).resolve().parents[1]
BOOK = ROOT / "book" / "chapters"
TOKENIZER = Path(zoo.__file__).parent / "weights" / zoo.names()[0] / "tokenizer.json"
MANY = 1_000  # real sentences; 10,000 of Tatoeba were compared once, and all were equal

HOSTILE = [
    "",
    " ",
    "\ud800",
    "a\udc00b",
    "\udc00\ud800",
    "\ud83d\ude00 \ud83d",
    "\ud800\ud800\udc00",
    "e\u0301 vs é; o\u0308\u0323; \u1e9b\u0323; Å\u212b; ﬁ ½ ①",
    "\u0301starts with a mark",
    "q\u0307\u0323 q\u0323\u0307",
    "\u1100\u1161\u11a8 각 \uac00\u11a8",
    "השפה עברית \u202eabc\u202c العربية",
    "zero\u200bwidth\u200cjoin\u200der\ufeff\u2060",
    "👩‍👩‍👧‍👦🏳️‍🌈🇫🇷👍🏽 1️⃣",
    "\x00\x01\x1b[31m\x7f\x85\x9f",
    "tab\tline\nfeed\rvt\x0bff\x0cfs\x1cgs\x1drs\x1eus\x1f",
    "\xa0\u1680\u2000\u2009\u2028\u2029\u202f\u205f\u3000ideographic",
    "\u180e\u200b are not spaces",
    "don't Don’t 'tis rock'n'roll l'homme aujourd’hui 's 't I'll we've d's o'é 'sé",
    "<pad><s></s><unk> <script>alert(1)</script>",
    "1234567890 ½ ١٢٣ Ⅷ 3.14 1,000",
    "▁Ġ word▁word",
    "�",
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𐍈 \U0010ffff \U000e0041",
    "àé" * 700,
    "word " * 2000,
    "x" * 3000,
    "😀" * 500,
    "'" * 300,
    "\u0301" * 300,
    "constructor __proto__ toString hasOwnProperty",
]


def real_sentences(count: int) -> list[str]:
    """Both languages of the grammar, and the lines of the book, which hold all kinds of signs."""
    made = grammar.sample(count // 20, generator=generator(1, "browser"), words=(3, 20))
    lines = [
        line for path in sorted(BOOK.glob("*.md")) for line in path.read_text("utf-8").splitlines()
    ]
    return [text for each in made for text in (each.src, each.tgt)] + lines[: count * 9 // 10]


def random_texts(count: int) -> list[str]:
    """Code points of all planes, those that trip tokenizers over-represented."""
    draw = random.Random(2)
    traps = (
        "e\u0301\u0327ß▁Ġ \xa0\u202f\u2028\x85\n\0\x1c\x7f'’-<>aste\u200d\ufeff가각😀\ud800\udc00"
    )
    blocks = [(0, 0x250), (0x300, 0x370), (0x600, 0x700), (0x2000, 0x2070), (0x1F300, 0x1F650)]
    texts = []
    for _ in range(count):
        characters = []
        for _ in range(draw.randrange(1, 30)):
            if draw.random() < 0.5:
                characters.append(draw.choice(traps))
            else:
                characters.append(chr(draw.randrange(*draw.choice(blocks))))
        texts.append("".join(characters))
    return texts


@pytest.fixture
def tokenizer_fixtures(tmp_path):
    tokenizer, draw = Tokenizer.load(TOKENIZER), random.Random(3)
    texts = [*HOSTILE, *random_texts(500), *real_sentences(MANY)]
    sequences = [[draw.randrange(4000) for _ in range(draw.randrange(12))] for _ in range(200)]
    sequences += [[draw.randrange(4, 260) for _ in range(9)] for _ in range(200)]  # single bytes
    sequences += [tokenizer.encode(text) for text in texts[len(HOSTILE) : len(HOSTILE) + 500]]
    rows = [
        {
            "text": text,
            "normal": normalise(text),
            "ids": tokenizer.encode(text),
            "tokens": tokenizer.tokens(text),
            "words": tokenizer.word_ids(text),
        }
        for text in texts
    ]
    ids = [
        {
            "ids": each,
            "text": tokenizer.decode(each),
            "words": list(_generated_words(tokenizer, tuple(each))),
        }
        for each in sequences
    ]
    write(tmp_path, "tokenizer.json", {"texts": rows, "ids": ids})
    write(tmp_path, "paths.json", {"tokenizer": str(TOKENIZER)})
    return tmp_path


def test_the_tokenizer_is_pythons(tokenizer_fixtures):
    run("tokenizer", tokenizer_fixtures)


def test_bad_input_gets_a_sentence(tmp_path):
    write(tmp_path, "paths.json", {"tokenizer": str(TOKENIZER)})
    run("input", tmp_path)


class TableModel:
    """The next token depends on the position and on the token before; some paths are dead ends."""

    def __init__(self, table):
        self.table = table

    def __call__(self, src, src_mask, tgt_in):
        raise TypeError("only steps")

    def encode(self, src, src_mask):
        return (src_mask,)

    def start(self, memory, prefix):
        return (torch.zeros(len(prefix), dtype=torch.long),)

    def step(self, token, memory, state, *, return_weights=False):
        return Step(self.table[state[0], token], (state[0] + 1,))


PENALTIES = [LengthPenalty(), LengthPenalty(alpha=0.0), LengthPenalty(alpha=0.6, kind="gnmt")]


def search_cases(model):
    src, mask = torch.tensor([[5]]), torch.tensor([[True]])
    for max_length in (1, 3, 7):
        (found,) = greedy(model, src, mask, max_length=max_length)
        yield {"options": {"maxLength": max_length}, "hypotheses": [plain(found)]}
        for beam in (1, 2, 4, 8):
            for penalty in PENALTIES:
                for n_best in sorted({1, beam}):
                    (trace,) = trace_beam_search(
                        model,
                        src,
                        mask,
                        max_length=max_length,
                        beam=beam,
                        n_best=n_best,
                        length_penalty=penalty,
                    )
                    shown = {"alpha": penalty.alpha, "kind": penalty.kind}
                    options = {"maxLength": max_length, "beam": beam, "nBest": n_best}
                    yield {
                        "options": options | {"penalty": shown},
                        "hypotheses": [plain(each) for each in trace.hypotheses],
                        "steps": [[candidate(each) for each in step] for step in trace.steps],
                        "stopped": trace.stopped,
                    }


def plain(hypothesis):
    return {
        "tokens": list(hypothesis.tokens),
        "logProb": hypothesis.log_prob,
        "score": hypothesis.score,
        "finished": hypothesis.finished,
    }


def candidate(each):
    return {
        "parent": each.parent,
        "token": each.token,
        "logProb": each.log_prob,
        "score": each.score,
        "status": each.status,
    }


def test_search_is_pythons(tmp_path):
    table = torch.randn(7, 11, 11, generator=generator(7, "browser")) * 1.5
    table[3, 4:8] = float("-inf")
    table[3, 4:8, PAD] = 0.0  # nothing may follow here
    table[5, :, EOS] += 9.0  # here nearly everything ends
    dead_end = table.clone()
    dead_end[2] = float("-inf")
    dead_end[2, :, PAD] = 0.0  # no output is longer than two tokens, and few end before
    dead_end[:2, :, EOS] -= 9.0
    groups = []
    for each in (table.log_softmax(-1), dead_end.log_softmax(-1)):
        rows = [
            [[x if x > float("-inf") else None for x in row] for row in at] for at in each.tolist()
        ]
        groups.append({"table": rows, "cases": list(search_cases(TableModel(each)))})
    write(tmp_path, "search.json", groups)
    run("search", tmp_path)


def expected_searches(name, sources, beams=(1, 2, 4, 8)):
    """What PyTorch finds for each source and beam."""
    translator = zoo.load(name, device=torch.device("cpu"))
    rows = [translator.tokenizer.encode(text) for text in sources]
    limits = [2 * len(ids) + 10 for ids in rows]
    src, mask = source_batch(rows)
    found = []
    for beam in beams:
        if beam == 1:
            best = greedy(translator.model, src, mask, max_length=limits, return_weights=True)
        else:
            lists = beam_search(
                translator.model, src, mask, max_length=limits, beam=beam, return_weights=True
            )
            best = [hypotheses[0] for hypotheses in lists]
        found += [
            {
                "ids": [*ids, EOS],
                "beam": beam,
                "maxLength": limit,
                "tokens": list(each.tokens),
                "score": each.score,
                "weights": None if each.weights is None else each.weights.flatten(1).tolist(),
            }
            for ids, limit, each in zip(rows, limits, best, strict=True)
        ]
    return found


def test_the_engine_finds_what_pytorch_finds(tmp_path):
    made = grammar.sample(3, generator=generator(9, "browser"), words=(3, 10))
    sources = ["I have a blue car.", *(each.src for each in made)]
    cases = [{"name": name, "searches": expected_searches(name, sources)} for name in zoo.names()]
    write(tmp_path, "translations.json", cases)
    models = {name: str(folder) for name, folder in exported().items()}
    write(tmp_path, "paths.json", {"models": models})
    run("engine", tmp_path)

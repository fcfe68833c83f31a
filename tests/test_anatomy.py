"""The table of the families says what the modules are, and changes when they do."""

from itertools import pairwise

import pytest
import torch

from course.errors import CourseError
from course.models.anatomy import describe, family_table, reach, reach_memory
from course.models.families import LanguageModel, LanguageModelConfig
from course.models.pretrained import load, save, untrained
from course.models.pretrained.loading import FAMILIES
from course.nn import stack as stacks
from redrawing import redraw

PUBLISHED = {
    "BERT": "BertForMaskedLM",
    "GPT-2": "GPT2LMHeadModel",
    "T5": "T5ForConditionalGeneration",
    "BART": "BartForConditionalGeneration",
    "Marian": "MarianMTModel",
}
PAST = "itself and earlier positions"
BOTH = f"encoder: all positions; decoder: {PAST}"
CROSS = "encoder: nothing; decoder: the encoder's outputs"
TIED = "a score for each token, by the embeddings"
POST, NORMED = "LayerNorm after each sublayer", "LayerNorm after each sublayer, and of embeddings"
EXPECTED = {
    "BERT": ("encoder", "all positions", "nothing", "learned", NORMED, "gelu", "q·k/√K", TIED,
             "the masked tokens"),
    "GPT-2": ("decoder", PAST, "nothing", "learned", "LayerNorm before each sublayer", "gelu_new",
              "q·k/√K", TIED, "the next token"),
    "T5": ("encoder and decoder", BOTH, CROSS, "relative", "RMSNorm before each sublayer", "relu",
           "q·k", TIED, "the spans that were cut out"),
    "BART": ("encoder and decoder", BOTH, CROSS, "learned", NORMED, "gelu", "q·k/√K", TIED,
             "the whole text, of which a part was hidden"),
    "Marian": ("encoder and decoder", BOTH, CROSS, "sinusoidal", POST, "gelu", "q·k/√K", TIED,
               "the translation"),
}  # fmt: skip
COLUMNS = ["stacks", "sees", "also reads", "positions", "norm", "feed-forward", "scores", "output"]


def test_the_table_of_published_families():
    rows = family_table({name: untrained(kind) for name, kind in PUBLISHED.items()})
    assert [list(row) for row in rows] == [["model", *COLUMNS, "objective"]] * 5
    assert {row["model"]: tuple(row.values())[1:] for row in rows} == EXPECTED


@pytest.mark.parametrize(
    ("kind", "change", "column", "words"),
    [
        ("GPT2LMHeadModel", {"positions": "rotary"}, "positions", "rotary"),
        ("GPT2LMHeadModel", {"norm_first": False}, "norm", POST),
        ("GPT2LMHeadModel", {"norm_embeddings": True}, "norm", "before each sublayer, and of em"),
        ("BertForMaskedLM", {"norm": "rms"}, "norm", "RMSNorm after each sublayer"),
        ("BertForMaskedLM", {"activation": "silu"}, "feed-forward", "silu"),
        ("T5ForConditionalGeneration", {"gated": True}, "feed-forward", "relu, gated"),
        ("T5ForConditionalGeneration", {"scale_scores": True}, "scores", "q·k/√K"),
        ("MarianMTModel", {"tie_output": False}, "output", "by a matrix of its own"),
    ],
)
def test_a_change_of_the_configuration_shows_and_nothing_else(kind, change, column, words):
    before, after = describe(untrained(kind).model), describe(untrained(kind, **change).model)
    differing = [name for name in COLUMNS if before[name] != after[name]]
    assert differing == [column]
    assert words in after[column]


@pytest.mark.parametrize(
    ("kind", "output"),
    [
        ("BertForSequenceClassification", "labels of the text"),
        ("BertForTokenClassification", "labels of each token"),
        ("BertModel", "a vector for each token"),
    ],
)
def test_other_heads_on_the_same_layers(kind, output):
    masked, other = describe(untrained("BertForMaskedLM").model), describe(untrained(kind).model)
    assert other == masked | {"output": output}


def test_every_head_has_an_objective_and_can_be_made():
    for family in FAMILIES:
        for name, head in family.heads.items():
            model, objective = untrained(name)
            assert objective == head.objective and objective
            assert not model.training
            assert describe(model)["stacks"]


def test_what_is_seen_is_measured(monkeypatch):
    """A decoder whose mask leaks is told apart, although it says that it is causal."""
    model = untrained("GPT2LMHeadModel").model
    assert torch.equal(reach(model.decoder), torch.ones(5, 5).tril().bool())
    monkeypatch.setattr(
        stacks, "causal_mask", lambda n, device: torch.ones(n, n, dtype=torch.bool).tril(1)
    )
    assert model.decoder.causal
    assert describe(model)["sees"] == "some positions", "one layer further two are seen"
    monkeypatch.setattr(stacks, "causal_mask", lambda n, device: torch.ones(n, n, dtype=torch.bool))
    assert describe(model)["sees"] == "all positions"


def test_what_is_read_is_measured(monkeypatch):
    decoder = untrained("MarianMTModel").model.decoder
    assert reach_memory(decoder).shape == (5, 6) and reach_memory(decoder).all()
    monkeypatch.setattr(
        decoder, "memory", lambda outputs: type(decoder).memory(decoder, outputs[:, :4])
    )
    assert reach_memory(decoder).any(0).tolist() == [True] * 4 + [False] * 2


def test_measuring_leaves_the_model_as_it_was():
    model = untrained("BertForMaskedLM", dropout=0.5).model.train()
    described = describe(model)
    assert all(module.training for module in model.modules())
    assert all(parameter.grad is None for parameter in model.parameters())
    assert described == describe(model.eval())


def test_weights_don_t_change_the_table():
    model = untrained("BartForConditionalGeneration").model
    before = describe(model)
    redraw(model)
    assert describe(model.double()) == before


def test_a_saved_model_reads_as_the_kind_that_it_was(tmp_path):
    made = untrained("BertForMaskedLM")
    save(made.model, tmp_path)
    assert describe(load(tmp_path).model) == describe(made.model)


def test_a_model_of_our_own_stands_beside_them():
    config = LanguageModelConfig(vocab_size=11, d_model=8, num_heads=2, d_ff=5, num_layers=1)
    (row,) = family_table({"ours": (LanguageModel(config), "the next token")})
    assert row["model"] == "ours" and row["positions"] == "sinusoidal"


def test_families_differ_from_each_other():
    rows = family_table({name: untrained(kind) for name, kind in PUBLISHED.items()})
    for first, second in pairwise(rows):
        assert [first[c] for c in COLUMNS] != [second[c] for c in COLUMNS]


def test_an_unknown_architecture_is_refused():
    with pytest.raises(CourseError, match="BertForMaskedLM"):
        untrained("LlamaForCausalLM")

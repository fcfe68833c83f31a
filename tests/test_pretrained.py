"""Published models in and out: what is saved is loaded, what doesn't fit is refused by name."""

import json
from dataclasses import replace

import pytest
import torch
import transformers as hf
from safetensors.torch import load_file, save_file

from course.errors import CourseError
from course.models import pretrained
from course.models.families import (
    LanguageModel,
    LanguageModelConfig,
    MaskedLanguageModel,
    SentenceClassifier,
    TextEncoder,
    TextEncoderConfig,
    TokenClassifier,
)
from course.models.interface import SpecialTokens
from course.models.transformer import Transformer, TransformerConfig
from parity import agree, source, tokens
from published_cases import BART, BERT, GPT2, MARIAN, T5
from redrawing import redraw

SIZES = {"vocab_size": 23, "d_model": 14, "num_heads": 7, "d_ff": 11, "num_layers": 2}
SPECIAL = SpecialTokens(start=3, end=2, never=(1,))
TEXT = TextEncoderConfig(
    **SIZES,
    positions="learned",
    norm_first=False,
    norm_embeddings=True,
    norm_eps=1e-3,
    num_segments=2,
    max_length=29,
    activation="silu",
)
T5_LIKE = TransformerConfig(
    **{**SIZES, "d_head": 3},
    num_decoder_layers=3,
    norm="rms",
    bias=False,
    scale_scores=False,
    positions="relative",
    num_buckets=7,
    max_distance=13,
    scale_embeddings=False,
)
BART_LIKE = TransformerConfig(
    **SIZES,
    norm_first=False,
    norm_embeddings=True,
    positions="learned",
    max_length=29,
    output_bias=True,
    activation="gelu",
)
MARIAN_LIKE = replace(BART_LIKE, positions="sinusoidal", norm_embeddings=False)
OURS = [
    (LanguageModel(LanguageModelConfig(**SIZES, positions="learned", scale_embeddings=False)),
     hf.GPT2LMHeadModel),
    (LanguageModel(LanguageModelConfig(**SIZES, positions="learned", scale_embeddings=False,
                                       tie_output=False, scale_scores=False)),
     hf.GPT2LMHeadModel),
    (MaskedLanguageModel(TEXT), hf.BertForMaskedLM),
    (MaskedLanguageModel(replace(TEXT, tie_output=False)), hf.BertForMaskedLM),
    (SentenceClassifier(replace(TEXT, num_labels=5)), hf.BertForSequenceClassification),
    (TokenClassifier(replace(TEXT, num_labels=3)), hf.BertForTokenClassification),
    (TextEncoder(TEXT), hf.BertModel),
    (Transformer(replace(T5_LIKE, scale_output=True)), hf.T5ForConditionalGeneration),
    (Transformer(T5_LIKE), hf.T5ForConditionalGeneration),
    (Transformer(replace(T5_LIKE, tie_output=False, gated=True, activation="gelu_new")),
     hf.T5ForConditionalGeneration),
    (Transformer(BART_LIKE), hf.BartForConditionalGeneration),
    (Transformer(replace(BART_LIKE, tie_output=False)), hf.BartForConditionalGeneration),
    (Transformer(replace(BART_LIKE, tie_output=False, share_embeddings=False)),
     hf.BartForConditionalGeneration),
    (Transformer(replace(BART_LIKE, share_embeddings=False)), hf.BartForConditionalGeneration),
    (Transformer(MARIAN_LIKE), hf.MarianMTModel),
    (Transformer(replace(MARIAN_LIKE, share_embeddings=False)), hf.MarianMTModel),
    (Transformer(replace(MARIAN_LIKE, tie_output=False)), hf.MarianMTModel),
    (Transformer(replace(MARIAN_LIKE, tie_output=False, share_embeddings=False)),
     hf.MarianMTModel),
]  # fmt: skip


@pytest.mark.parametrize(("ours", "their_class"), OURS, ids=lambda x: getattr(x, "__name__", ""))
@torch.no_grad()
def test_ours_is_loaded_by_transformers(ours, their_class, tmp_path):
    redraw(ours)
    ours.eval()
    generates = isinstance(ours, (Transformer, LanguageModel))
    pretrained.save(ours, tmp_path / "saved", special=SPECIAL if generates else None)
    extra = {"add_pooling_layer": False} if their_class is hf.BertModel else {}
    theirs, told = their_class.from_pretrained(
        tmp_path / "saved", output_loading_info=True, attn_implementation="eager", **extra
    )
    assert not any(told[key] for key in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    theirs.double().eval()
    (text, mask), tgt_in = source(), tokens(17, seed=1)
    inputs = {"input_ids": text, "attention_mask": mask.long()}
    if isinstance(ours, Transformer):
        inputs["decoder_input_ids"] = tgt_in
    expected = theirs(**inputs)
    again, special, _, unused = pretrained.load(tmp_path / "saved")
    for model in (ours.double(), again.double()):
        if isinstance(ours, Transformer):
            found = model(text, mask, tgt_in)
        elif isinstance(ours, LanguageModel):
            found = model(text, mask, text).where(mask[..., None], expected.logits)
        else:
            found = model(text, mask)
        agree(theirs.config.model_type, found, expected[0])
    assert type(again) is type(ours) and unused == ()
    assert special == (SPECIAL if generates else None)


@pytest.mark.parametrize("case", [*GPT2, *BERT, *T5, *BART, *MARIAN], ids=str)
def test_published_saved_again_is_the_same(case, tmp_path):
    case.build().save_pretrained(tmp_path / "theirs")
    first = pretrained.load(tmp_path / "theirs")
    pretrained.save(first.model, tmp_path / "ours", special=first.special)
    again = pretrained.load(tmp_path / "ours")
    assert again.special == first.special
    assert again.model.config == first.model.config
    for name, parameter in first.model.named_parameters():
        torch.testing.assert_close(again.model.get_parameter(name), parameter, rtol=0, atol=0)


def saved(case, folder):
    """A folder that transformers wrote, and its tensors."""
    case.build().save_pretrained(folder)
    return load_file(folder / "model.safetensors")


def write(tensors, folder):
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def change_config(folder, **settings):
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | settings))


def test_missing_unexpected_and_misshapen_weights_are_all_named(tmp_path):
    tensors = saved(GPT2[0], tmp_path)
    del tensors["transformer.h.0.ln_1.bias"]
    tensors["transformer.h.0.attn.c_attn.weight"] = torch.zeros(15, 44)
    tensors["transformer.adapter.weight"] = torch.zeros(3)
    write(tensors, tmp_path)
    with pytest.raises(CourseError) as refused:
        pretrained.load(tmp_path)
    message = str(refused.value)
    assert "transformer.h.0.ln_1.bias is missing" in message
    assert "transformer.adapter.weight is unexpected" in message
    assert "transformer.h.0.attn.c_attn.weight is [15, 44] and should be [15, 45]" in message
    assert "\n" not in message


def test_two_copies_of_a_tied_matrix_must_agree(tmp_path):
    tensors = saved(T5[0], tmp_path)
    tensors["encoder.embed_tokens.weight"] = tensors["shared.weight"].clone()
    write(tensors, tmp_path)
    pretrained.load(tmp_path)
    tensors["encoder.embed_tokens.weight"][3, 5] += 1
    write(tensors, tmp_path)
    with pytest.raises(CourseError, match=r"encoder.embed_tokens.weight and shared.weight should"):
        pretrained.load(tmp_path)


def test_what_a_model_does_without_is_told(tmp_path):
    tensors = saved(GPT2[0], tmp_path)
    tensors["transformer.h.0.attn.bias"] = torch.ones(1, 1, 29, 29)  # as in the first files
    write(tensors, tmp_path)
    assert pretrained.load(tmp_path).unused == ("transformer.h.0.attn.bias",)


def test_old_and_bare_names_are_understood(tmp_path):
    tensors = saved(BERT[0], tmp_path)
    before = pretrained.load(tmp_path, architecture="BertModel").model
    old = {
        name.removeprefix("bert.")
        .replace("LayerNorm.weight", "LayerNorm.gamma")
        .replace("LayerNorm.bias", "LayerNorm.beta"): tensor
        for name, tensor in tensors.items()
        if name.startswith("bert.")
    }
    write(old, tmp_path)
    after = pretrained.load(tmp_path, architecture="BertModel").model
    text, mask = source()
    assert torch.equal(before(text, mask), after(text, mask))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"model_type": "llama"}, "describes a 'llama' model"),
        ({"architectures": ["GPT2ForTokenClassification"]}, "knows BertForMaskedLM, .*GPT2LMHead"),
        ({"architectures": None}, "architecture None"),
        ({"scale_attn_by_inverse_layer_idx": True}, "scale_attn_by_inverse_layer_idx to True"),
        ({"activation_function": "mish"}, "the activation 'mish'"),
        ({"eos_token_id": [1, 2]}, "one end token"),
        ({"n_head": 4}, "4 heads cannot share a d_model of 15"),
        ({"architectures": 5}, r"architecture \[5\]"),
        ({"architectures": [["GPT2LMHeadModel"]]}, "describes a 'gpt2' model"),
        ({"n_embd": None}, "a setting of the wrong type"),
        ({"activation_function": ["gelu"]}, "a setting of the wrong type"),
        ({"layer_norm_epsilon": "small"}, "wrong type|norm_eps must be a number above 0"),
        ({"vocab_size": 10**12}, "don't fit its config.json: .*wte"),
    ],
)
def test_what_the_course_does_not_have_is_refused(settings, message, tmp_path):
    saved(GPT2[0], tmp_path)
    change_config(tmp_path, **settings)
    with pytest.raises(CourseError, match=message):
        pretrained.load(tmp_path)


def test_heads_that_differ_between_encoder_and_decoder_are_refused(tmp_path):
    saved(BART[0], tmp_path)
    change_config(tmp_path, decoder_attention_heads=5)
    with pytest.raises(CourseError, match="encoder_attention_heads to 3 and decoder_att.* to 5"):
        pretrained.load(tmp_path)


def test_pickled_weights_are_refused_and_why(tmp_path):
    saved(GPT2[0], tmp_path)
    (tmp_path / "model.safetensors").rename(tmp_path / "pytorch_model.bin")
    with pytest.raises(CourseError, match=r"pytorch_model.bin\), .* because unpickling runs"):
        pretrained.load(tmp_path)
    (tmp_path / "pytorch_model.bin").unlink()
    with pytest.raises(CourseError, match="has no model.safetensors"):
        pretrained.load(tmp_path)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_damaged_files_are_refused(name, tmp_path):
    saved(GPT2[0], tmp_path)
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:50])
    with pytest.raises(CourseError, match=f"{name} is damaged"):
        pretrained.load(tmp_path)


def test_a_folder_without_config_is_no_model(tmp_path):
    with pytest.raises(CourseError, match="has no config.json"):
        pretrained.load(tmp_path)


def test_weights_in_parts(tmp_path):
    theirs = GPT2[1].build()
    theirs.save_pretrained(tmp_path / "whole")
    theirs.save_pretrained(tmp_path / "parts", max_shard_size="8KB")
    parts = sorted((tmp_path / "parts").glob("*.safetensors"))
    assert len(parts) > 2
    whole, joined = (pretrained.load(tmp_path / name).model for name in ("whole", "parts"))
    for name, parameter in whole.named_parameters():
        assert torch.equal(parameter, joined.get_parameter(name))
    parts[1].unlink()
    with pytest.raises(CourseError, match=f"lists '{parts[1].name}', which is not there"):
        pretrained.load(tmp_path / "parts")


def test_an_index_that_points_out_of_its_folder_is_refused(tmp_path):
    saved(GPT2[0], tmp_path / "model")
    (tmp_path / "model" / "model.safetensors").rename(tmp_path / "elsewhere.safetensors")
    index = {"weight_map": {"transformer.wte.weight": "../elsewhere.safetensors"}}
    (tmp_path / "model" / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(CourseError, match="which is not there"):
        pretrained.load(tmp_path / "model")


def test_a_name_that_the_hub_does_not_give(tmp_path, monkeypatch):
    import huggingface_hub

    def unreachable(name, **options):
        raise huggingface_hub.errors.LocalEntryNotFoundError("no network")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", unreachable)
    with pytest.raises(CourseError, match="'t5-small' is not a folder, and .*no network"):
        pretrained.load("t5-small")


def test_the_hub_is_asked_for_safetensors_only(tmp_path, monkeypatch):
    import huggingface_hub

    saved(GPT2[0], tmp_path)
    asked = {}

    def download(name, **options):
        asked.update(options, name=name)
        return str(tmp_path)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    pretrained.load("gpt2", revision="main")
    assert asked["name"] == "gpt2" and asked["revision"] == "main"
    assert not any("bin" in pattern for pattern in asked["allow_patterns"])


def test_what_no_family_can_say_is_refused_by_name(tmp_path):
    rotary = Transformer(TransformerConfig(**{**SIZES, "d_model": 28}, positions="rotary"))
    with pytest.raises(CourseError, match=r"No published family has a Transformer .*positions"):
        pretrained.save(rotary, tmp_path, special=SPECIAL)
    with pytest.raises(CourseError, match="needs its special tokens"):
        pretrained.save(Transformer(BART_LIKE), tmp_path)
    with pytest.raises(CourseError, match="BertModel differs in num_segments"):
        pretrained.save(TextEncoder(replace(TEXT, num_segments=0)), tmp_path)


def test_the_package_does_without_transformers():
    import subprocess
    import sys

    code = "import sys; import course.models.pretrained; assert 'transformers' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0

"""BART, Lewis et al. (2020), and Marian, Junczys-Dowmunt et al. (2018): the same layers.

BART learns its positions and normalises the embeddings; Marian's positions are sinusoidal.
"""

from typing import Any

import torch

from course.models.pretrained.family import Family, Head, Tensors, tied
from course.models.pretrained.settings import Settings
from course.models.pretrained.weights import AFTER_TWO_ROWS, ROW, Weight, affine, weight
from course.models.transformer import Transformer, TransformerConfig

SHARED, OUTPUT = "model.shared.weight", "lm_head.weight"
SOURCE, TARGET = "model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight"
ATTENTIONS = (("self_attn", "self"), ("encoder_attn", "cross"))
PARTS = {"q_proj": "query", "k_proj": "key", "v_proj": "value", "out_proj": "output"}


def read_bart(settings: Settings, tensors: Tensors) -> TransformerConfig:
    """Our configuration of a BART model."""
    return TransformerConfig(
        **_read(settings, tensors),
        positions="learned",
        norm_embeddings=True,
        share_embeddings=_shared(tensors),
    )


def read_marian(settings: Settings, tensors: Tensors) -> TransformerConfig:
    """Our configuration of a Marian model."""
    settings.refuse_unless(decoder_vocab_size=settings["vocab_size"])
    return TransformerConfig(
        **_read(settings, tensors),
        positions="sinusoidal",
        share_embeddings=settings["share_encoder_decoder_embeddings"] and _shared(tensors),
    )


def _shared(tensors: Tensors) -> bool:
    """Whether source and target have the same embeddings: unless the file holds two of them."""
    both = [tensors[name] for name in (SOURCE, TARGET) if name in tensors]
    return len(both) < 2 or torch.equal(*both)


def _read(settings: Settings, tensors: Tensors) -> dict[str, Any]:
    """What both have in common."""
    settings.refuse_unless(normalize_before=False, add_final_layer_norm=False, is_decoder=False)
    settings.refuse_unequal("encoder_attention_heads", "decoder_attention_heads")
    settings.refuse_unequal("encoder_ffn_dim", "decoder_ffn_dim")
    return {
        "vocab_size": settings["vocab_size"],
        "num_layers": settings["encoder_layers"],
        "num_decoder_layers": settings["decoder_layers"],
        "d_model": settings["d_model"],
        "num_heads": settings["encoder_attention_heads"],
        "d_ff": settings["encoder_ffn_dim"],
        "activation": settings.activation(settings["activation_function"]),
        "norm_first": False,
        "max_length": settings["max_position_embeddings"],
        "scale_embeddings": settings["scale_embedding"],
        "tie_output": tied(
            tensors, OUTPUT, (TARGET, SHARED), by_config=settings["tie_word_embeddings"]
        ),
        "output_bias": True,
        "dropout": settings["dropout"],
    }


def write_bart(config: TransformerConfig) -> dict[str, Any]:
    """Settings of a BART model."""
    return {
        "vocab_size": config.vocab_size,
        "encoder_layers": config.num_layers,
        "decoder_layers": config.decoder_layers,
        "d_model": config.d_model,
        "encoder_attention_heads": config.num_heads,
        "decoder_attention_heads": config.num_heads,
        "encoder_ffn_dim": config.d_ff,
        "decoder_ffn_dim": config.d_ff,
        "activation_function": config.activation,
        "max_position_embeddings": config.max_length,
        "scale_embedding": config.scale_embeddings,
        "tie_word_embeddings": config.tie_output,
        "dropout": config.dropout,
        "forced_eos_token_id": None,
    }


def write_marian(config: TransformerConfig) -> dict[str, Any]:
    """Settings of a Marian model."""
    return write_bart(config) | {"share_encoder_decoder_embeddings": config.share_embeddings}


def weights(config: TransformerConfig) -> list[Weight]:
    """The table of both."""
    if config.share_embeddings:
        names = (SHARED, SOURCE, TARGET, OUTPUT)
        # transformers takes an untied output to mean that no two of these are one
        names = names if config.tie_output else (SOURCE, TARGET, SHARED)
        table = [Weight(names, ("embeddings.0.weight",), copied=not config.tie_output)]
    else:
        # transformers asks BART's file for the shared matrix even where nothing reads it
        asked = config.positions == "learned" and not config.tie_output
        names = (SOURCE, SHARED) if asked else (SOURCE,)
        table = [
            Weight(names, ("embeddings.0.weight",), copied=asked),
            Weight((TARGET, OUTPUT) if config.tie_output else (TARGET,), ("embeddings.1.weight",)),
        ]
    if not config.tie_output:
        table.append(weight(OUTPUT, "output.weight"))
    table.append(Weight(("final_logits_bias",), ("output.bias",), ROW, zero_if_missing=True))
    for stack, count in (("encoder", config.num_layers), ("decoder", config.decoder_layers)):
        if config.positions == "learned":  # rows 0 and 1 of their table are never read
            name, ours = f"model.{stack}.embed_positions.weight", f"{stack}.positions.weight"
            table.append(weight(name, ours, AFTER_TWO_ROWS))
            table += affine(f"model.{stack}.layernorm_embedding", f"{stack}.embedding_norm")
        for i in range(count):
            attentions = ATTENTIONS if stack == "decoder" else ATTENTIONS[:1]
            table += _layer_weights(f"model.{stack}.layers.{i}", f"{stack}.layers.{i}", attentions)
    return table


def _layer_weights(theirs: str, ours: str, attentions: tuple[tuple[str, str], ...]) -> list[Weight]:
    table = []
    for attention, kind in attentions:
        for part, mine in PARTS.items():
            table += affine(f"{theirs}.{attention}.{part}", f"{ours}.{kind}_attention.{mine}")
        table += affine(f"{theirs}.{attention}_layer_norm", f"{ours}.{kind}_residual.norm")
    return [
        *table,
        *affine(f"{theirs}.fc1", f"{ours}.feed_forward.hidden"),
        *affine(f"{theirs}.fc2", f"{ours}.feed_forward.output"),
        *affine(f"{theirs}.final_layer_norm", f"{ours}.feed_forward_residual.norm"),
    ]


DEFAULTS = {
    "max_position_embeddings": 1024,
    "encoder_layers": 12,
    "decoder_layers": 12,
    "d_model": 1024,
    "encoder_attention_heads": 16,
    "decoder_attention_heads": 16,
    "encoder_ffn_dim": 4096,
    "decoder_ffn_dim": 4096,
    "activation_function": "gelu",
    "scale_embedding": False,
    "tie_word_embeddings": True,
    "dropout": 0.1,
}
BART_HEAD = Head(
    module=Transformer,
    weights=weights,
    objective="the whole text, of which a part was hidden",
    expendable=r"model\.shared\.weight",  # left over where each side has a matrix of its own
)

BART = Family(
    model_type="bart",
    defaults=DEFAULTS
    | {
        "vocab_size": 50265,
        "pad_token_id": 1,
        "eos_token_id": 2,
        "decoder_start_token_id": 2,
    },
    prefix="model.",
    start="decoder_start_token_id",
    read=read_bart,
    write=write_bart,
    heads={"BartForConditionalGeneration": BART_HEAD, "BartModel": BART_HEAD},
)

MARIAN = Family(
    model_type="marian",
    defaults=DEFAULTS
    | {
        "vocab_size": 58101,
        "pad_token_id": 58100,
        "eos_token_id": 0,
        "decoder_start_token_id": 58100,
        "share_encoder_decoder_embeddings": True,
    },
    prefix="model.",
    start="decoder_start_token_id",
    read=read_marian,
    write=write_marian,
    heads={
        "MarianMTModel": Head(
            module=Transformer,
            weights=weights,
            objective="the translation",
            # sinusoidal positions are computed
            expendable=r"model\.(shared|(encoder|decoder)\.embed_positions)\.weight",
        )
    },
)

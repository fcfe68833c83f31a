"""GPT-2: Radford et al. (2019), "Language models are unsupervised multitask learners"."""

from typing import Any

from course.models.families import LanguageModel, LanguageModelConfig
from course.models.pretrained.family import Family, Head, Tensors, tied
from course.models.pretrained.settings import Settings
from course.models.pretrained.weights import PLAIN, TRANSPOSED, Weight, affine, weight

EMBEDDINGS, OUTPUT = "transformer.wte.weight", "lm_head.weight"


def read(settings: Settings, tensors: Tensors) -> LanguageModelConfig:
    """Our configuration."""
    settings.refuse_unless(scale_attn_by_inverse_layer_idx=False, add_cross_attention=False)
    return LanguageModelConfig(
        vocab_size=settings["vocab_size"],
        num_layers=settings["n_layer"],
        d_model=settings["n_embd"],
        num_heads=settings["n_head"],
        d_ff=settings["n_inner"] or 4 * settings["n_embd"],
        activation=settings.activation(settings["activation_function"]),
        norm_eps=settings["layer_norm_epsilon"],
        scale_scores=settings["scale_attn_weights"],
        positions="learned",
        max_length=settings["n_positions"],
        scale_embeddings=False,
        tie_output=tied(tensors, OUTPUT, (EMBEDDINGS,), by_config=settings["tie_word_embeddings"]),
        dropout=settings["resid_pdrop"],
    )


def write(config: LanguageModelConfig) -> dict[str, Any]:
    """Their settings."""
    return {
        "vocab_size": config.vocab_size,
        "n_layer": config.num_layers,
        "n_embd": config.d_model,
        "n_head": config.num_heads,
        "n_inner": config.d_ff,
        "activation_function": config.activation,
        "layer_norm_epsilon": config.norm_eps,
        "scale_attn_weights": config.scale_scores,
        "n_positions": config.max_length,
        "tie_word_embeddings": config.tie_output,
        "resid_pdrop": config.dropout,
        "embd_pdrop": config.dropout,
        "attn_pdrop": 0.0,
    }


def weights(config: LanguageModelConfig) -> list[Weight]:
    """The table. GPT-2 stores matrices transposed, and queries, keys and values in one."""
    names = (EMBEDDINGS, OUTPUT) if config.tie_output else (EMBEDDINGS,)
    table = [
        Weight(names, ("embedding.weight",)),
        weight("transformer.wpe.weight", "decoder.positions.weight"),
        *affine("transformer.ln_f", "decoder.final_norm"),
    ]
    if not config.tie_output:
        table.append(weight(OUTPUT, "output.weight"))
    for i in range(config.num_layers):
        theirs, ours = f"transformer.h.{i}", f"decoder.layers.{i}"
        for kind, form in (("weight", TRANSPOSED), ("bias", PLAIN)):
            parts = (f"{ours}.self_attention.{part}.{kind}" for part in ("query", "key", "value"))
            table.append(Weight((f"{theirs}.attn.c_attn.{kind}",), tuple(parts), form))
        table += [
            *affine(f"{theirs}.ln_1", f"{ours}.self_residual.norm"),
            *affine(f"{theirs}.attn.c_proj", f"{ours}.self_attention.output", form=TRANSPOSED),
            *affine(f"{theirs}.ln_2", f"{ours}.feed_forward_residual.norm"),
            *affine(f"{theirs}.mlp.c_fc", f"{ours}.feed_forward.hidden", form=TRANSPOSED),
            *affine(f"{theirs}.mlp.c_proj", f"{ours}.feed_forward.output", form=TRANSPOSED),
        ]
    return table


HEAD = Head(
    module=LanguageModel,
    weights=weights,
    objective="the next token",
    expendable=r"transformer\.h\.\d+\.attn\.(bias|masked_bias)",  # causal masks, once stored
)

GPT2 = Family(
    model_type="gpt2",
    defaults={
        "vocab_size": 50257,
        "n_positions": 1024,
        "n_embd": 768,
        "n_layer": 12,
        "n_head": 12,
        "activation_function": "gelu_new",
        "resid_pdrop": 0.1,
        "layer_norm_epsilon": 1e-5,
        "scale_attn_weights": True,
        "bos_token_id": 50256,
        "eos_token_id": 50256,
        "tie_word_embeddings": True,
    },
    prefix="transformer.",
    start="bos_token_id",
    read=read,
    write=write,
    heads={"GPT2LMHeadModel": HEAD, "GPT2Model": HEAD},
)

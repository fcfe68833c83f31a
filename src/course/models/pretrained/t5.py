"""T5: Raffel et al. (2020), "Exploring the limits of transfer learning", and its version 1.1."""

from typing import Any

from course.models.pretrained.family import Family, Head, Tensors, tied
from course.models.pretrained.settings import Settings
from course.models.pretrained.weights import Weight, affine, weight
from course.models.transformer import Transformer, TransformerConfig

EMBEDDINGS = ("shared.weight", "encoder.embed_tokens.weight", "decoder.embed_tokens.weight")
OUTPUT = "lm_head.weight"
BIAS = "SelfAttention.relative_attention_bias.weight"
NO_PLACE = r"decoder\.block\.0\.layer\.1\.EncDecAttention\.relative_attention_bias\.weight"
"""Cross-attention has no positions, but the first files held a bias for it."""


def read(settings: Settings, tensors: Tensors) -> TransformerConfig:
    """Our configuration.

    `tie_word_embeddings` has two meanings in these files: version 1.1, whose output has a matrix of
    its own, neither ties nor divides the features by √D. Newer files name the second apart.
    """
    settings.refuse_unless(is_decoder=False)
    *gate, activation = str(settings["feed_forward_proj"]).split("-")
    if gate == ["gated"] and activation == "gelu":
        activation = "gelu_new"
    one_matrix = settings["tie_word_embeddings"] is not False
    scaled = settings["scale_decoder_outputs"]
    return TransformerConfig(
        vocab_size=settings["vocab_size"],
        num_layers=settings["num_layers"],
        num_decoder_layers=settings["num_decoder_layers"] or settings["num_layers"],
        d_model=settings["d_model"],
        num_heads=settings["num_heads"],
        d_head=settings["d_kv"],
        d_ff=settings["d_ff"],
        activation=settings.activation(activation),
        gated=bool(gate),
        norm="rms",
        norm_eps=settings["layer_norm_epsilon"],
        bias=False,
        scale_scores=False,
        positions="relative",
        num_buckets=settings["relative_attention_num_buckets"],
        max_distance=settings["relative_attention_max_distance"],
        scale_embeddings=False,
        tie_output=tied(tensors, OUTPUT, EMBEDDINGS, by_config=one_matrix),
        scale_output=one_matrix if scaled is None else scaled,
        dropout=settings["dropout_rate"],
    )


def write(config: TransformerConfig) -> dict[str, Any]:
    """Their settings."""
    return {
        "vocab_size": config.vocab_size,
        "num_layers": config.num_layers,
        "num_decoder_layers": config.decoder_layers,
        "d_model": config.d_model,
        "num_heads": config.num_heads,
        "d_kv": config.head_width,
        "d_ff": config.d_ff,
        "feed_forward_proj": "gated-" * config.gated + config.activation,
        "layer_norm_epsilon": config.norm_eps,
        "relative_attention_num_buckets": config.num_buckets,
        "relative_attention_max_distance": config.max_distance,
        "tie_word_embeddings": config.scale_output,
        "dropout_rate": config.dropout,
    }


def weights(config: TransformerConfig) -> list[Weight]:
    """The table."""
    names = (*EMBEDDINGS, OUTPUT) if config.tie_output else EMBEDDINGS
    table = [Weight(names, ("embeddings.0.weight",))]
    if not config.tie_output:
        table.append(weight(OUTPUT, "output.weight"))
    for stack, count in (("encoder", config.num_layers), ("decoder", config.decoder_layers)):
        table.append(weight(f"{stack}.block.0.layer.0.{BIAS}", f"{stack}.bias.by_bucket.weight"))
        table += affine(f"{stack}.final_layer_norm", f"{stack}.final_norm", bias=False)
        for i in range(count):
            table += _layer_weights(config, stack, i)
    return table


def _layer_weights(config: TransformerConfig, stack: str, i: int) -> list[Weight]:
    """A list of sublayers: self-attention, in the decoder cross-attention, and feed-forward."""
    block, ours = f"{stack}.block.{i}.layer", f"{stack}.layers.{i}"
    sublayers = [("SelfAttention", "self")]
    sublayers += [("EncDecAttention", "cross")] if stack == "decoder" else []
    table = []
    for place, (theirs, kind) in enumerate(sublayers):
        for letter, part in zip("qkvo", ("query", "key", "value", "output"), strict=True):
            name = f"{block}.{place}.{theirs}.{letter}"
            table += affine(name, f"{ours}.{kind}_attention.{part}", bias=False)
        table += affine(f"{block}.{place}.layer_norm", f"{ours}.{kind}_residual.norm", bias=False)
    last = f"{block}.{len(sublayers)}"
    network, mine = f"{last}.DenseReluDense", f"{ours}.feed_forward"
    table += affine(f"{network}.wi" + "_0" * config.gated, f"{mine}.hidden", bias=False)
    table += affine(f"{network}.wi_1", f"{mine}.gate", bias=False) if config.gated else []
    table += affine(f"{network}.wo", f"{mine}.output", bias=False)
    return table + affine(f"{last}.layer_norm", f"{ours}.feed_forward_residual.norm", bias=False)


T5 = Family(
    model_type="t5",
    defaults={
        "vocab_size": 32128,
        "d_model": 512,
        "d_kv": 64,
        "d_ff": 2048,
        "num_layers": 6,
        "num_heads": 8,
        "relative_attention_num_buckets": 32,
        "relative_attention_max_distance": 128,
        "dropout_rate": 0.1,
        "layer_norm_epsilon": 1e-6,
        "feed_forward_proj": "relu",
        "pad_token_id": 0,
        "eos_token_id": 1,
    },
    prefix="",
    start="decoder_start_token_id",
    read=read,
    write=write,
    heads={
        "T5ForConditionalGeneration": Head(
            module=Transformer,
            weights=weights,
            objective="the spans that were cut out",
            expendable=NO_PLACE,
        )
    },
)

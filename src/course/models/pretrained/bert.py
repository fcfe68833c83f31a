"""BERT: Devlin et al. (2019), "Pre-training of deep bidirectional Transformers"."""

from typing import Any

from course.models.families import (
    MaskedLanguageModel,
    SentenceClassifier,
    TextEncoder,
    TextEncoderConfig,
    TokenClassifier,
)
from course.models.pretrained.family import Family, Head, Tensors, tied
from course.models.pretrained.settings import Settings
from course.models.pretrained.weights import Weight, affine, weight

EMBEDDINGS, OUTPUT = "bert.embeddings.word_embeddings.weight", "cls.predictions.decoder.weight"


def read(settings: Settings, tensors: Tensors) -> TextEncoderConfig:
    """Our configuration."""
    settings.refuse_unless(
        position_embedding_type="absolute", is_decoder=False, add_cross_attention=False
    )
    labels = tensors.get("classifier.weight")
    return TextEncoderConfig(
        vocab_size=settings["vocab_size"],
        num_layers=settings["num_hidden_layers"],
        num_segments=settings["type_vocab_size"],
        num_labels=2 if labels is None else len(labels),
        d_model=settings["hidden_size"],
        num_heads=settings["num_attention_heads"],
        d_ff=settings["intermediate_size"],
        activation=settings.activation(settings["hidden_act"]),
        norm_first=False,
        norm_eps=settings["layer_norm_eps"],
        norm_embeddings=True,
        positions="learned",
        max_length=settings["max_position_embeddings"],
        tie_output=tied(tensors, OUTPUT, (EMBEDDINGS,), by_config=settings["tie_word_embeddings"]),
        dropout=settings["hidden_dropout_prob"],
    )


def write(config: TextEncoderConfig) -> dict[str, Any]:
    """Their settings."""
    return {
        "vocab_size": config.vocab_size,
        "num_hidden_layers": config.num_layers,
        "type_vocab_size": config.num_segments or 1,
        "id2label": {str(i): f"LABEL_{i}" for i in range(config.num_labels)},
        "hidden_size": config.d_model,
        "num_attention_heads": config.num_heads,
        "intermediate_size": config.d_ff,
        "hidden_act": config.activation,
        "layer_norm_eps": config.norm_eps,
        "max_position_embeddings": config.max_length,
        "tie_word_embeddings": config.tie_output,
        "hidden_dropout_prob": config.dropout,
        "attention_probs_dropout_prob": 0.0,
    }


def text_weights(config: TextEncoderConfig, ours: str, *more_names: str) -> list[Weight]:
    """The table of the layers; `more_names` are others that the embeddings may be stored under."""
    table = [
        Weight((EMBEDDINGS, *more_names), (f"{ours}embedding.weight",)),
        weight("bert.embeddings.position_embeddings.weight", f"{ours}encoder.positions.weight"),
        weight("bert.embeddings.token_type_embeddings.weight", f"{ours}segments.weight"),
        *affine("bert.embeddings.LayerNorm", f"{ours}encoder.embedding_norm"),
    ]
    for i in range(config.num_layers):
        theirs, layer = f"bert.encoder.layer.{i}", f"{ours}encoder.layers.{i}"
        for part in ("query", "key", "value"):
            table += affine(f"{theirs}.attention.self.{part}", f"{layer}.self_attention.{part}")
        table += [
            *affine(f"{theirs}.attention.output.dense", f"{layer}.self_attention.output"),
            *affine(f"{theirs}.attention.output.LayerNorm", f"{layer}.self_residual.norm"),
            *affine(f"{theirs}.intermediate.dense", f"{layer}.feed_forward.hidden"),
            *affine(f"{theirs}.output.dense", f"{layer}.feed_forward.output"),
            *affine(f"{theirs}.output.LayerNorm", f"{layer}.feed_forward_residual.norm"),
        ]
    return table


def masked_weights(config: TextEncoderConfig) -> list[Weight]:
    """The table of a masked language model."""
    bias = ("cls.predictions.bias", "cls.predictions.decoder.bias")
    bias = bias if config.tie_output else bias[::-1]
    return [
        *text_weights(config, "text.", *([OUTPUT] if config.tie_output else [])),
        *([] if config.tie_output else [weight(OUTPUT, "output.weight")]),
        # an untied matrix brings a bias of its own, and the other one is left over
        Weight(bias, ("output.bias",), copied=not config.tie_output),
        *affine("cls.predictions.transform.dense", "dense"),
        *affine("cls.predictions.transform.LayerNorm", "norm"),
    ]


def sentence_weights(config: TextEncoderConfig) -> list[Weight]:
    """The table of a classifier of texts."""
    pooler = affine("bert.pooler.dense", "pooler.dense")
    return [*text_weights(config, "text."), *pooler, *affine("classifier", "classifier")]


def token_weights(config: TextEncoderConfig) -> list[Weight]:
    """The table of a classifier of tokens."""
    return [*text_weights(config, "text."), *affine("classifier", "classifier")]


COUNTED = r"bert\.embeddings\.position_ids"  # 0, 1, 2, …, once stored
POOLED = r"bert\.pooler\..*|cls\.seq_relationship\..*"  # for the next sentence, task 2
MASKED = Head(
    module=MaskedLanguageModel,
    weights=masked_weights,
    objective="the masked tokens",
    expendable=f"{COUNTED}|{POOLED}",
)

BERT = Family(
    model_type="bert",
    defaults={
        "vocab_size": 30522,
        "hidden_size": 768,
        "num_hidden_layers": 12,
        "num_attention_heads": 12,
        "intermediate_size": 3072,
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.1,
        "max_position_embeddings": 512,
        "type_vocab_size": 2,
        "layer_norm_eps": 1e-12,
        "tie_word_embeddings": True,
    },
    prefix="bert.",
    start=None,
    read=read,
    write=write,
    heads={
        "BertForMaskedLM": MASKED,
        "BertForPreTraining": MASKED,
        "BertForSequenceClassification": Head(
            module=SentenceClassifier,
            weights=sentence_weights,
            objective="the label of a text",
            expendable=COUNTED,
        ),
        "BertForTokenClassification": Head(
            module=TokenClassifier,
            weights=token_weights,
            objective="the label of each token",
            expendable=f"{COUNTED}|{POOLED}",
        ),
        "BertModel": Head(
            module=TextEncoder,
            weights=lambda config: text_weights(config, ""),
            objective=MASKED.objective,
            expendable=f"{COUNTED}|{POOLED}|cls\\..*",
        ),
    },
)

"""Odd configurations of transformers' models: prime sizes, one layer and five, tied and untied."""

import transformers as hf

from parity import Case

V = 23

GPT2 = [
    Case(hf.GPT2LMHeadModel, hf.GPT2Config(vocab_size=V, pad_token_id=0, **settings))
    for settings in (
        {"n_embd": 15, "n_head": 3, "n_layer": 1, "n_positions": 29},
        {
            "n_embd": 14,
            "n_head": 7,
            "n_layer": 5,
            "n_inner": 17,
            "n_positions": 31,
            "activation_function": "relu",
            "tie_word_embeddings": False,
        },
        {
            "n_embd": 13,
            "n_head": 1,
            "n_layer": 2,
            "n_inner": 11,
            "n_positions": 29,
            "activation_function": "gelu",
            "scale_attn_weights": False,
        },
        {
            "n_embd": 22,
            "n_head": 11,
            "n_layer": 3,
            "n_inner": 19,
            "n_positions": 29,
            "activation_function": "silu",
            "layer_norm_epsilon": 0.03,
        },
    )
]

BERT_SETTINGS = (
    {
        "hidden_size": 15,
        "num_attention_heads": 3,
        "num_hidden_layers": 1,
        "intermediate_size": 17,
        "max_position_embeddings": 29,
    },
    {
        "hidden_size": 14,
        "num_attention_heads": 7,
        "num_hidden_layers": 5,
        "intermediate_size": 11,
        "max_position_embeddings": 23,
        "hidden_act": "relu",
        "type_vocab_size": 3,
        "tie_word_embeddings": False,
    },
    {
        "hidden_size": 13,
        "num_attention_heads": 1,
        "num_hidden_layers": 2,
        "intermediate_size": 19,
        "max_position_embeddings": 29,
        "hidden_act": "gelu_new",
        "type_vocab_size": 1,
        "layer_norm_eps": 0.03,
    },
    {
        "hidden_size": 22,
        "num_attention_heads": 2,
        "num_hidden_layers": 3,
        "intermediate_size": 13,
        "max_position_embeddings": 29,
        "hidden_act": "silu",
    },
)
BERT = [
    Case(model, hf.BertConfig(vocab_size=V, num_labels=5, **BERT_SETTINGS[i]))
    for model, i in (
        *((hf.BertForMaskedLM, i) for i in range(4)),
        (hf.BertForSequenceClassification, 1),
        (hf.BertForTokenClassification, 2),
        (hf.BertModel, 3),
    )
]

T5 = [
    Case(
        hf.T5ForConditionalGeneration,
        hf.T5Config(vocab_size=V, decoder_start_token_id=0, **settings),
        untied,
    )
    for settings, untied in (
        (
            {"d_model": 13, "d_kv": 5, "num_heads": 3, "d_ff": 17, "num_layers": 1},
            False,
        ),
        (
            {
                "d_model": 11,
                "d_kv": 3,
                "num_heads": 2,
                "d_ff": 19,
                "num_layers": 5,
                "num_decoder_layers": 2,
                "feed_forward_proj": "gated-gelu",
                "relative_attention_num_buckets": 7,
                "relative_attention_max_distance": 13,
                "tie_word_embeddings": False,
            },
            True,
        ),
        (
            {
                "d_model": 17,
                "d_kv": 2,
                "num_heads": 5,
                "d_ff": 11,
                "num_layers": 2,
                "num_decoder_layers": 3,
                "feed_forward_proj": "gated-silu",
                "relative_attention_num_buckets": 10,
                "relative_attention_max_distance": 11,
                "tie_word_embeddings": False,
            },
            False,
        ),
        (
            {
                "d_model": 7,
                "d_kv": 7,
                "num_heads": 1,
                "d_ff": 13,
                "num_layers": 2,
                "feed_forward_proj": "gelu",
                "layer_norm_epsilon": 0.03,
            },
            True,
        ),
    )
]


def _layers(heads: int, d_ff: int, encoder: int, decoder: int) -> dict[str, int]:
    return {
        "encoder_attention_heads": heads,
        "decoder_attention_heads": heads,
        "encoder_ffn_dim": d_ff,
        "decoder_ffn_dim": d_ff,
        "encoder_layers": encoder,
        "decoder_layers": decoder,
    }


BART = [
    Case(
        hf.BartForConditionalGeneration,
        hf.BartConfig(
            vocab_size=V,
            pad_token_id=1,
            bos_token_id=0,
            eos_token_id=2,
            decoder_start_token_id=3,
            forced_eos_token_id=None,
            max_position_embeddings=29,
            **settings,
        ),
    )
    for settings in (
        {"d_model": 15, "scale_embedding": True, **_layers(3, 17, 1, 1)},
        {"d_model": 14, "activation_function": "relu", **_layers(7, 11, 5, 2)},
        {
            "d_model": 13,
            "activation_function": "gelu_new",
            "tie_word_embeddings": False,
            **_layers(1, 19, 2, 3),
        },
        {"d_model": 22, "activation_function": "silu", **_layers(2, 13, 2, 5)},
    )
]

MARIAN = [
    Case(
        hf.MarianMTModel,
        hf.MarianConfig(
            vocab_size=V,
            pad_token_id=3,
            eos_token_id=0,
            decoder_start_token_id=3,
            forced_eos_token_id=None,
            max_position_embeddings=29,
            **settings,
        ),
    )
    for settings in (
        {
            "d_model": 14,
            "activation_function": "swish",
            "scale_embedding": True,
            **_layers(7, 17, 1, 1),
        },
        {
            "d_model": 22,
            "share_encoder_decoder_embeddings": False,
            **_layers(11, 13, 5, 2),
        },
        {
            "d_model": 10,
            "activation_function": "relu",
            "tie_word_embeddings": False,
            **_layers(5, 11, 2, 3),
        },
        {"d_model": 26, "activation_function": "gelu_new", **_layers(2, 19, 2, 1)},
    )
]

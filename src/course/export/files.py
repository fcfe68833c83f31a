"""ONNX files whose weights are float16 and stand once in a file of their own.

Encoder and step share the embeddings, which are most of a small model: so the weights are taken out
of both graphs, and equal ones are stored once. Each is stored as float16 and cast to float32 where
the graph reads it; the casts are done once, when the model is loaded. The zoo's weights were
rounded to float16 when they were saved, so nothing is lost: a weight that would change stays as it
is.
"""

import logging
import warnings
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from course.export.graphs import (
    EncoderHalf,
    Interface,
    Port,
    StepHalf,
    dynamic,
    example,
    interface,
)
from course.export.recurrent import in_onnx
from course.models.seq2seq import Seq2Seq
from course.models.transformer import Transformer

WEIGHTS = "weights.bin"
SMALL = 256
"""Tensors below this many bytes (shapes, constants of formulas) stay in the graph."""

SRC = (
    Port(name="src", dtype=torch.int64, axes=("B", "S")),
    Port(name="src_mask", dtype=torch.bool, axes=("B", "S")),
)
TOKEN = Port(name="token", dtype=torch.int64, axes=("B",))
SIZES = {"B": 3, "S": 7, "P": 5}
"""Of the example that is traced: different and above 1, so that no axis is taken for another."""


def encoder_graph(model: Seq2Seq | Transformer) -> onnx.ModelProto:
    """The encoder: `src, src_mask -> memory_…, state_…`; the model must be exportable."""
    ports = interface(model)
    names = [f"memory_{port.name}" for port in ports.memory]
    names += [] if ports.growing else [f"state_{port.name}" for port in ports.state]
    inputs = tuple(example(port, SIZES) for port in SRC)
    shapes = tuple(dynamic(port) for port in SRC)
    return _trace(EncoderHalf(model), inputs, shapes, [port.name for port in SRC], names)


def step_graph(model: Seq2Seq | Transformer) -> onnx.ModelProto:
    """One step: `token, memory_…, state_… -> log_probs, next_…, weights`."""
    ports = interface(model)
    every = (*ports.memory, *ports.state)
    inputs = example(TOKEN, SIZES), tuple(example(port, SIZES) for port in every)
    shapes = dynamic(TOKEN), tuple(dynamic(port) for port in every)
    return _trace(StepHalf(model), inputs, shapes, step_inputs(ports), step_outputs(ports))


def step_inputs(ports: Interface) -> list[str]:
    """The names of what a step takes."""
    memory = [f"memory_{port.name}" for port in ports.memory]
    return ["token", *memory, *(f"state_{port.name}" for port in ports.state)]


def step_outputs(ports: Interface) -> list[str]:
    """The names of what a step returns."""
    following = [f"next_{port.name}" for port in ports.state]
    return ["log_probs", *following, *(["weights"] if ports.weights else [])]


def _trace(
    half: nn.Module, inputs: tuple[Any, ...], shapes: Any, given: list[str], found: list[str]
) -> onnx.ModelProto:
    # the exporter warns of operators of torchvision, which nobody asked for
    logging.getLogger("torch.onnx._internal.exporter").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # PyTorch warns of its own code
        # "strict" reads the code instead of running it once: `len(tensor)` stays a variable
        traced = torch.export.export(half.eval(), inputs, dynamic_shapes=shapes, strict=True)
        program = torch.onnx.export(
            traced,
            dynamo=True,
            external_data=False,
            input_names=given,
            output_names=found,
            custom_translation_table={torch.ops.course.gru.default: in_onnx},
            verbose=False,
        )
    assert program is not None
    graph = program.model_proto
    _forget_where_it_came_from(graph)
    return graph


def _forget_where_it_came_from(model: onnx.ModelProto) -> None:
    """Drop the notes of the exporter: they weigh as much as a tenth of the model."""
    del model.metadata_props[:]
    graph = model.graph
    for each in (graph, *graph.node, *graph.initializer, *graph.input, *graph.output):
        del each.metadata_props[:]
        each.doc_string = ""
    del graph.value_info[:]
    del model.functions[:]


class Weights:
    """The bytes of all weights, each stored once."""

    def __init__(self) -> None:
        self.data = bytearray()
        self._places: dict[bytes, int] = {}

    def take_from(self, model: onnx.ModelProto) -> None:
        """Move a graph's weights here; the graph keeps their places."""
        graph, casts = model.graph, []
        for tensor in graph.initializer:
            values = numpy_helper.to_array(tensor)
            if values.nbytes < SMALL or values.dtype != np.float32:
                continue
            half = values.astype(np.float16)
            exact = bool((half.astype(np.float32) == values).all())
            name = tensor.name
            if exact:
                stored, kind = half, TensorProto.FLOAT16
                casts.append(
                    helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT)
                )
            else:
                stored, kind = values, TensorProto.FLOAT
            tensor.CopyFrom(self._reference(stored, f"{name}.half" if exact else name, kind))
        nodes = [*casts, *graph.node]
        del graph.node[:]
        graph.node.extend(nodes)

    def _reference(self, values: np.ndarray, name: str, kind: int) -> TensorProto:
        """A tensor whose values stand in the file of weights."""
        content = values.tobytes()
        if content not in self._places:
            self.data += bytes(-len(self.data) % 64)  # aligned, so that it can be read in place
            self._places[content] = len(self.data)
            self.data += content
        tensor = TensorProto(name=name, data_type=kind, dims=values.shape)
        tensor.data_location = TensorProto.EXTERNAL
        places = {"offset": self._places[content], "length": len(content)}
        for key, value in {"location": WEIGHTS, **places}.items():
            tensor.external_data.add(key=key, value=str(value))
        return tensor

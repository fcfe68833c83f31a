"""An exported model as ONNX Runtime computes it, behind the interface that search knows."""

import json
from pathlib import Path

import onnxruntime
import torch

from course.models.interface import Step


class OnnxModel:
    """Implements `course.models.interface.SequenceModel` (its steps, not `__call__`)."""

    def __init__(self, folder: Path):
        self.manifest = json.loads((folder / "model.json").read_text("utf-8"))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.encoder, self.stepper = (
            onnxruntime.InferenceSession(folder / name, options, ["CPUExecutionProvider"])
            for name in ("encoder.onnx", "step.onnx")
        )
        self.memory = [f"memory_{port['name']}" for port in self.manifest["memory"]]
        self.state = [port["name"] for port in self.manifest["state"]]

    def __call__(self, src, src_mask, tgt_in):
        raise TypeError("only its steps were exported")

    def encode(self, src, src_mask):
        """The memory and, behind it, the first state."""
        given = {"src": src.numpy(), "src_mask": src_mask.numpy()}
        found = dict(zip(names(self.encoder), self.encoder.run(None, given), strict=True))
        memory = [torch.from_numpy(found[name]) for name in self.memory]
        return *memory, *(self._first(found, port, len(src)) for port in self.manifest["state"])

    def _first(self, found, port, sentences):
        if f"state_{port['name']}" in found:
            return torch.from_numpy(found[f"state_{port['name']}"])
        return torch.zeros([{"B": sentences, "P": 0}.get(axis, axis) for axis in port["axes"]])

    def start(self, memory, prefix):
        state = memory[len(self.memory) :]
        for token in prefix.unbind(1):
            state = self.step(token, memory, state).state
        return state

    def step(self, token, memory, state, *, return_weights=False):
        given = {"token": token.numpy()}
        given |= {name: part.numpy() for name, part in zip(self.memory, memory, strict=False)}
        given |= {
            f"state_{name}": part.numpy() for name, part in zip(self.state, state, strict=True)
        }
        wanted = {each.name for each in self.stepper.get_inputs()}
        assert wanted <= set(given)
        given = {name: part for name, part in given.items() if name in wanted}
        found = dict(zip(names(self.stepper), self.stepper.run(None, given), strict=True))
        weights = found.get("weights") if return_weights else None
        return Step(
            torch.from_numpy(found["log_probs"]),
            tuple(torch.from_numpy(found[f"next_{name}"]) for name in self.state),
            None if weights is None else torch.from_numpy(weights),
        )


def names(session):
    return [each.name for each in session.get_outputs()]

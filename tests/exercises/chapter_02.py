"""Wrong answers to the exercises of chapter 2."""

from exercises import Wrong


def parameters(body: str) -> str:
    return f"def recurrent_parameters(gates, d_in, d_state):\n    return {body}\n"


def words(body: str) -> str:
    return f"def words_that_fit(numbers, bits, vocabulary):\n    return {body}\n"


def context(body: str) -> str:
    return (
        "def mended(layer, embedded, lengths):\n"
        "    outputs, last = layer(embedded)\n"
        f"    return {body}\n"
        "answer_2_4 = mended\n"
    )


def bits(body: str, of: str = "logits.log_softmax(-1)") -> str:
    return (
        "def bits_recovered(model, batch, kinds):\n"
        "    logits = model(batch.src, batch.src_mask, batch.tgt_in).detach()\n"
        f"    right = {of}.gather(-1, batch.tgt_out[..., None])[..., 0]\n"
        f"    return {body}\n"
    )


def bias(body: str, start: int = 0) -> str:
    return (
        "def least_bias(measure, distance=40, share=0.1):\n"
        f"    bias = {start}\n"
        f"    while {body}:\n"
        "        bias += 1\n"
        "    return bias\n"
    )


def halves(body: str) -> str:
    return (
        "class Halves(Seq2Seq):\n"
        "    def encode(self, src, src_mask):\n"
        "        middle = src.shape[1] // 2\n"
        "        first, second = (layers[0] for layers in self.encoder.directions)\n"
        "        a, b = self.embed(src[:, :middle]), self.embed(src[:, middle:])\n"
        f"        summary = {body}\n"
        "        outputs = summary[:, None]\n"
        "        keys = self.decoder.reader.keys(outputs)\n"
        "        return outputs, keys, src_mask[:, :1], summary\n"
    )


WRONG: dict[str, list[Wrong]] = {
    "2.1": [
        Wrong(parameters("gates * d_state * (d_in + d_state + 1)"), "how many biases are there?"),
        Wrong(parameters("gates * d_state * (d_in + d_state)"), "how many biases are there?"),
        Wrong(parameters("gates * d_state * (d_in + 2)"), "which matrix grows in two directions"),
        Wrong(parameters("gates * d_state * (d_in + d_state) + 2 * d_state"), "biases of its own"),
        Wrong(parameters("gates * d_in * (d_in + d_state + 2)"), "one more input needs"),
        Wrong(parameters("d_state * (d_in + d_state + 2)"), "three times the parameters"),
    ],
    "2.2": [
        Wrong(words("round(numbers * bits / math.log2(vocabulary))"), "part of a word is no word"),
        Wrong(words("numbers * bits / math.log2(vocabulary)"), "the count is not right"),
        Wrong(words("math.floor(numbers * bits / math.log(vocabulary))"), "the count is not right"),
        Wrong(words("numbers * bits // vocabulary"), "the count is not right"),
        Wrong(words("math.floor(numbers / math.log2(vocabulary))"), "A word takes log2"),
        Wrong(words("math.ceil(numbers * bits / math.log2(vocabulary))"), "the count is not right"),
    ],
    "2.3": [
        Wrong("prediction_2_3 = [1.0, 1.0]", "it is tempting to say that nothing is lost"),
        Wrong("prediction_2_3 = [0.0, 0.0]", "hardly anything is lost in a step"),
        Wrong("prediction_2_3 = [0.95, 0.1]", "far from zero much"),
        Wrong("prediction_2_3 = [10, 95]", "Predict a number from 0 to 1"),
        Wrong("prediction_2_3 = 0.1", "Predict 2 numbers"),
        Wrong('prediction_2_3 = "0.05"', "Predict a number"),
    ],
    "2.4": [
        Wrong(context("outputs[:, -1]"), "another context than it gets alone"),
        Wrong(context("last[0]"), "another context than it gets alone"),
        Wrong(
            context("outputs[torch.arange(len(lengths)), lengths]"), "IndexError: index 7 is out"
        ),
        Wrong(
            context("outputs[torch.arange(len(lengths)), lengths - 2]"), "is not the last output"
        ),
        Wrong(context("outputs[:, lengths - 1]"), "Its shape is (3, 3, 5) where (3, 5)"),
        Wrong(context("outputs.mean(1)"), "is not the last output"),
        Wrong(
            context("outputs[torch.arange(len(lengths)), lengths - 1].detach()"),
            "something was detached",
        ),
    ],
    "2.5": [
        Wrong(
            bits("(math.log2(kinds) + right[:, :-1]).sum(1).mean().item()"),
            "Are your logarithms to base 2?",
        ),
        Wrong(
            bits("(math.log2(kinds) + right / math.log(2)).sum(1).mean().item()"),
            "leaves no bit missing",
        ),
        Wrong(
            bits("(math.log2(kinds) + right[:, :-1] / math.log(2)).mean().item()"),
            "all that there is should be recovered",
        ),
        Wrong(
            bits("(math.log2(kinds) + right[:, 1:] / math.log(2)).sum(1).mean().item()"),
            "without the end token",
        ),
        Wrong(
            bits("(math.log2(kinds) + right[:, :-1] / math.log(2)).sum(1).mean().item()", "logits"),
            "leaves no bit missing",
        ),
        Wrong(
            bits("(-right[:, :-1] / math.log(2)).sum(1).mean().item()"),
            "all that there is should be recovered",
        ),
        Wrong(
            bits("(math.log(kinds) + right[:, :-1] / math.log(2)).sum(1).mean().item()"),
            "log2 of the kinds",
        ),
    ],
    "2.6": [
        Wrong(bias("measure(bias)[distance] < share"), "relative to the gradient at distance 0"),
        Wrong(
            bias("measure(bias)[distance] / measure(bias)[0] <= share"),
            "With exactly the share asked for",
        ),
        Wrong(bias("measure(bias)[40] / measure(bias)[0] < 0.1"), "40 steps back"),
        Wrong(bias("measure(bias)[-1] / measure(bias)[0] < share"), "is not the least whole bias"),
        Wrong(
            bias("measure(bias)[distance] / measure(bias)[0] < share", 1),
            "is not the least whole bias",
        ),
        Wrong(
            "def least_bias(measure, distance=40, share=0.1):\n"
            "    keep = share ** (1 / distance)\n"
            "    return math.log(keep / (1 - keep))\n",
            "is not the least whole bias",
        ),
    ],
    "2.7": [
        Wrong(
            code="""
class Halves(Seq2Seq):
    def encode(self, src, src_mask):
        h=src.shape[1]//2
        a=self.encoder.directions[0][0](self.embed(src[:,:h]))[0][:,-1]
        b=self.encoder.directions[1][0](self.embed(src[:,h:]))[0][:,-1].detach()
        s=torch.cat([a,b],-1)
        o=s[:,None]
        return o,self.decoder.reader.keys(o),src_mask[:,:1],s
""",
            message="no gradient reaches the second encoder",
        ),
        Wrong(
            halves("torch.cat([first(b)[0][:, -1], second(a)[0][:, -1]], -1)"),
            "when it reads the first half alone",
        ),
        Wrong(
            halves("torch.cat([first(a)[0][:, -1], second(b.flip(1))[0][:, -1]], -1)"),
            "reads the second half alone, in its order",
        ),
        Wrong(
            halves("torch.cat([first(a)[0][:, 0], second(b)[0][:, -1]], -1)"),
            "the first encoder ends with",
        ),
        Wrong(
            halves("torch.cat([first(a)[0][:, -1], second(b)[0][:, -1]], 0)"),
            "should stay as wide as d_model, (3, 6)",
        ),
        Wrong(halves("first(a)[0][:, -1] + second(b)[0][:, -1]"), "(3, 3)"),
        Wrong(
            halves("torch.cat([first(a)[0][:, -1], second(b)[0][:, -1]], -1).detach()"),
            "would not reach the encoders",
        ),
        Wrong(
            halves("torch.cat([first(a)[0][:, -1], first(b)[0][:, -1]], -1)"),
            "the second encoder ends with",
        ),
        Wrong(
            halves("torch.cat([first(a)[0][:, -1], second(self.embed(src))[0][:, -1]], -1)"),
            "the second half alone",
        ),
    ],
}

# other ways that are right, too
RIGHT: dict[str, list[str]] = {
    "2.1": [parameters("gates * (d_state * d_in + d_state**2) + gates * 2 * d_state")],
    "2.2": [words("int(numbers * bits / math.log2(vocabulary))")],
    "2.4": [
        context("outputs.gather(1, (lengths - 1)[:, None, None].expand(-1, 1, 5))[:, 0]"),
        context("torch.stack([row[n - 1] for row, n in zip(outputs, lengths)])"),
        context("__import__('course.nn.rnn').nn.rnn.last_real(outputs, lengths)"),
        "def answer_2_4(layer, embedded, lengths):\n"
        "    from torch.nn.utils.rnn import pack_padded_sequence as pack\n"
        "    packed = pack(embedded, lengths, batch_first=True, enforce_sorted=False)\n"
        "    return layer(packed)[1][0]\n",
    ],
    "2.5": [
        "def bits_recovered(model, batch, kinds):\n"
        "    logits = model(batch.src, batch.src_mask, batch.tgt_in)[:, :-1]\n"
        "    target = batch.tgt_out[:, :-1]\n"
        "    nats = torch.nn.functional.cross_entropy(logits.mT, target, reduction='sum')\n"
        "    return target.shape[1] * math.log2(kinds) - nats / math.log(2) / len(target)\n"
    ],
    "2.6": [
        "def least_bias(measure, distance=40, share=0.1):\n"
        "    left = [float(measure(b)[distance] / measure(b)[0]) for b in range(30)]\n"
        "    return next(b for b, each in enumerate(left) if each >= share)\n"
    ],
    "2.7": [halves("torch.cat([first(a)[1][0], second(b)[1][0]], -1)")],
}

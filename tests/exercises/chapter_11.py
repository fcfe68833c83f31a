"""Plausible wrong answers to the exercises of chapter 11, and what each should be told."""

from exercises import Wrong

SQUARES = """
def answer_11_2(images, size):
    return rearrange(images, "b c (r h) (s w) -> b (r s) (c h w)", h=size, w=size)
"""
DECIBELS = """
def answer_11_3(clean, recorded):
    power = clean[clean != 0].square().mean()
    noise = (recorded - clean).square().mean()
    return 10 * torch.log10(power / noise)
"""
MASK = """
def answer_11_4(lengths, count):
    pieces = (lengths + count - 1) // count
    return torch.arange(int(pieces.max())) < pieces[:, None]
"""
NORMALISED = """
def normalised(loudness, lengths):
    real = (torch.arange(loudness.shape[1]) < lengths[:, None])[:, :, None]  # (B, T, 1)
    count = lengths[:, None, None] * loudness.shape[2]
    mean = (loudness * real).sum((1, 2), keepdim=True) / count
    centred = (loudness - mean) * real
    deviation = (centred.square().sum((1, 2), keepdim=True) / count).sqrt()
    return centred / deviation


answer_11_5 = normalised
"""
RULE = """
def answer_11_6(text):
    sentences = [sentence.split(" ", 2) for sentence in text[:-1].split(". ")]
    name, verb, _ = sentences[0]
    things = [rest for who, _, rest in sentences if who == name]
    listed = ", ".join(things[:-1])
    return f"{name} {verb} {listed} and {things[-1]}." if listed else f"{name} {verb} {things[0]}."
"""
CONVOLVED = """
def answer_11_7(images, weight, bias, size):
    kernels = rearrange(weight, "d (c h w) -> d c h w", h=size, w=size)
    found = conv2d(images, kernels, bias, stride=size)  # (B, D, rows, columns)
    return rearrange(found, "b d r s -> b (r s) d")
"""


def changed(code: str, *changes: tuple[str, str]) -> str:
    """Return the code with each part replaced; every part has to be there once."""
    for old, new in changes:
        assert code.count(old) == 1, (old, code.count(old))
        code = code.replace(old, new)
    return code


WRONG = {
    "11.1": [
        Wrong(code="prediction_11_1 = 2", message="four times the pieces"),
        Wrong(code="prediction_11_1 = 4", message="four times the pieces"),
        Wrong(code="prediction_11_1 = 8", message="four times the pieces"),
        Wrong(code="prediction_11_1 = 1 / 16", message="four times the pieces"),
    ],
    "11.2": [
        Wrong(  # column by column
            code=changed(SQUARES, ("(r s)", "(s r)")),
            message="or pieces are swapped",
        ),
        Wrong(  # colours last
            code=changed(SQUARES, ("(c h w)", "(h w c)")),
            message="in another order inside",
        ),
        Wrong(  # columns before rows
            code=changed(SQUARES, ("(c h w)", "(c w h)")),
            message="in another order inside",
        ),
        Wrong(  # strided instead of neighbouring pixels
            code=changed(SQUARES, ("(r h) (s w)", "(h r) (w s)")),
            message="pixels that don't belong together",
        ),
        Wrong(  # a reshape
            code="""
def answer_11_2(images, size):
    B, C, H, W = images.shape
    return images.reshape(B, H * W // size**2, C * size**2)
""",
            message="pixels that don't belong together",
        ),
        Wrong(  # unfold gives (B, F, S)
            code="""
def answer_11_2(images, size):
    return torch.nn.functional.unfold(images, size, stride=size)
""",
            message="the shape is",
        ),
        Wrong(  # every place
            code="""
def answer_11_2(images, size):
    return torch.nn.functional.unfold(images, size).mT
""",
            message="the shape is",
        ),
    ],
    "11.3": [
        Wrong(  # pauses count
            code=changed(DECIBELS, ("clean[clean != 0].square()", "clean.square()")),
            message="which places count",
        ),
        Wrong(  # noise only where it sounds
            code=changed(
                DECIBELS, ("(recorded - clean).square()", "(recorded - clean)[clean != 0].square()")
            ),
            message="which places count",
        ),
        Wrong(  # the recording's power
            code=changed(DECIBELS, ("clean[clean != 0].square()", "recorded.square()")),
            message="0 dB",
        ),
        Wrong(  # amplitudes
            code=changed(DECIBELS, ("10 *", "20 *")),
            message="20 dB",
        ),
        Wrong(  # natural logarithm
            code=changed(DECIBELS, ("torch.log10", "torch.log")),
            message="20 dB",
        ),
        Wrong(  # upside down
            code=changed(DECIBELS, ("power / noise", "noise / power")),
            message="20 dB",
        ),
        Wrong(  # sums
            code=changed(
                DECIBELS,
                ("clean[clean != 0].square().mean()", "clean.square().sum()"),
                ("(recorded - clean).square().mean()", "(recorded - clean).square().sum()"),
            ),
            message="with pauses",
        ),
        Wrong(  # variance of the sound
            code=changed(
                DECIBELS, ("clean[clean != 0].square().mean()", "clean[clean != 0].var()")
            ),
            message="0 dB",
        ),
    ],
    "11.4": [
        Wrong(  # rounded down
            code=changed(MASK, ("(lengths + count - 1) // count", "lengths // count")),
            message="a piece that is begun counts",
        ),
        Wrong(  # one too many
            code=changed(MASK, ("(lengths + count - 1) // count", "lengths // count + 1")),
            message="For lengths",
        ),
        Wrong(  # rounded to the nearest
            code=changed(
                MASK, ("(lengths + count - 1) // count", "(lengths / count).round().long()")
            ),
            message="For lengths",
        ),
        Wrong(  # frames
            code="""
def answer_11_4(lengths, count):
    return torch.arange(int(lengths.max())) < lengths[:, None]
""",
            message="the longest needs",
        ),
        Wrong(  # every fourth frame, cut off
            code="""
def answer_11_4(lengths, count):
    frames = torch.arange(int(lengths.max())) < lengths[:, None]
    return frames[:, count - 1 :: count]
""",
            message="a piece that is begun counts",
        ),
        Wrong(  # upside down
            code=changed(MASK, (" < pieces", " >= pieces")),
            message="real pieces are",
        ),
        Wrong(  # numbers
            code=changed(
                MASK,
                ("return torch.arange", "return 1 * (torch.arange"),
                ("pieces[:, None]", "pieces[:, None])"),
            ),
            message="True and False",
        ),
    ],
    "11.5": [
        Wrong(  # as it was
            code="""
def answer_11_5(loudness, lengths):
    real = torch.arange(loudness.shape[1]) < lengths[:, None]
    mean = loudness.mean((1, 2), keepdim=True)
    centred = loudness - mean
    deviation = centred.square().mean().sqrt()
    return centred / deviation
""",
            message="padding is not 0",
        ),
        Wrong(  # the mean takes padding
            code=changed(
                NORMALISED,
                (
                    "(loudness * real).sum((1, 2), keepdim=True) / count",
                    "loudness.mean((1, 2), keepdim=True)",
                ),
            ),
            message="put other numbers into the padding",
        ),
        Wrong(  # one deviation for all
            code=changed(
                NORMALISED,
                (
                    "(centred.square().sum((1, 2), keepdim=True) / count).sqrt()",
                    "(centred.square().sum() / count.sum()).sqrt()",
                ),
            ),
            message="in the batch than alone",
        ),
        Wrong(  # padding is counted
            code=changed(
                NORMALISED, ("lengths[:, None, None] * loudness.shape[2]", "loudness[0].numel()")
            ),
            message="mean 0 and deviation 1",
        ),
        Wrong(  # by frequency
            code=changed(
                NORMALISED,
                ("lengths[:, None, None] * loudness.shape[2]", "lengths[:, None, None]"),
                (
                    "(loudness * real).sum((1, 2), keepdim=True)",
                    "(loudness * real).sum(1, keepdim=True)",
                ),
                (
                    "centred.square().sum((1, 2), keepdim=True)",
                    "centred.square().sum(1, keepdim=True)",
                ),
            ),
            message="mean 0 and deviation 1",
        ),
        Wrong(  # one less
            code=changed(
                NORMALISED, ("keepdim=True) / count).sqrt()", "keepdim=True) / (count - 1)).sqrt()")
            ),
            message="mean 0 and deviation 1",
        ),
        Wrong(  # the variance
            code=changed(NORMALISED, (" / count).sqrt()", " / count)")),
            message="mean 0 and deviation 1",
        ),
        Wrong(  # detached
            code=changed(NORMALISED, ("centred / deviation", "centred / deviation.detach()")),
            message="The gradient differs",
        ),
    ],
    "11.6": [
        Wrong(  # everybody
            code=changed(RULE, (" if who == name]", "]")),
            message="words against",
        ),
        Wrong(  # the last person
            code=changed(RULE, ("sentences[0]", "sentences[-1]")),
            message="Whom is it about",
        ),
        Wrong(  # no "and"
            code=changed(RULE, ("{listed} and {things[-1]}", "{listed}, {things[-1]}")),
            message="words against",
        ),
        Wrong(  # a comma before "and"
            code=changed(RULE, ("{listed} and", "{listed}, and")),
            message="the commas",
        ),
        Wrong(  # no full stop
            code=changed(RULE, ("{things[-1]}.", "{things[-1]}")),
            message="the full stop",
        ),
        Wrong(  # in alphabetical order
            code=changed(RULE, ("if who == name]", "if who == name]\n    things.sort()")),
            message="Look at the order",
        ),
        Wrong(  # the first two
            code=changed(RULE, ("if who == name]", "if who == name][:2]")),
            message="Something is missing",
        ),
        Wrong(  # one thing is forgotten
            code=changed(RULE, (' if listed else f"{name} {verb} {things[0]}."', "")),
            message="is its own summary",
        ),
        Wrong(  # the report itself
            code="def answer_11_6(text):\n    return text",
            message="words against",
        ),
    ],
    "11.7": [
        Wrong(  # no stride
            code=changed(CONVOLVED, (", stride=size", "")),
            message="the vectors differ",
        ),
        Wrong(  # columns first
            code=changed(CONVOLVED, ("(r s) d", "(s r) d")),
            message="the vectors differ",
        ),
        Wrong(  # the kernel's axes
            code=changed(CONVOLVED, ("d (c h w)", "d (c w h)")),
            message="the vectors differ",
        ),
        Wrong(  # colours last
            code=changed(CONVOLVED, ("d (c h w)", "d (h w c)")),
            message="the vectors differ",
        ),
        Wrong(  # no bias
            code=changed(CONVOLVED, ("kernels, bias", "kernels, None")),
            message="the vectors differ",
        ),
        Wrong(  # cut after all
            code="""
def answer_11_7(images, weight, bias, size):
    pieces = rearrange(images, "b c (r h) (s w) -> b (r s) (c h w)", h=size, w=size)
    return pieces @ weight.mT + bias
""",
            message="one is asked for",
        ),
        Wrong(  # not put in a row
            code=changed(CONVOLVED, ("b (r s) d", "b r s d")),
            message="Its shape is",
        ),
        Wrong(  # a convolution of its own
            code=changed(CONVOLVED, ("kernels, bias", "kernels.detach(), bias")),
            message="what could be learnt",
        ),
    ],
}

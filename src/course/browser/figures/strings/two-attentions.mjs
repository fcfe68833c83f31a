/** The words of the figure "two attentions"; `{name}` is replaced. */
export const STRINGS = {
  write: "Word to write",
  back: "Back",
  next: "Next step",
  play: "Play",
  pause: "Pause",
  kinds: { bahdanau: "Bahdanau", luong: "Luong" },
  drawing: "The step of {kind}: each box is computed from those whose arrows reach it.",
  step: "Step {step} of {steps}.",
  boxes: {
    word: "",
    previous: "state",
    memory: "outputs",
    scores: "scores",
    weights: "weights",
    context: "context",
    state: "state",
    predicted: "prediction",
  },
  symbols: {
    word: ["y", "t−1"],
    previous: ["h", "t−1"],
    memory: ["m", "s"],
    scores: ["e", "ts"],
    weights: ["α", "ts"],
    context: ["c", "t"],
    state: ["h", "t"],
    predicted: ["y", "t"],
  },
  asks: "asks",
  later: "not yet",
  does: {
    start:
      "Both know the state after the last word, that word, “{last}”, and what the encoder has made of the source.",
    bahdanau: {
      scores:
        "Bahdanau asks at once, with the state from before “{last}”: “{most}” scores highest.",
      weights: "Bahdanau turns scores into weights: “{most}” gets {weight}.",
      context: "Bahdanau reads {context}.",
      state: "Bahdanau feeds “{last}” and what was read, so the state has both in it.",
      predicted: "Bahdanau writes “{best}” ({share}).",
    },
    luong: {
      state: "Luong feeds “{last}” first: the state has read it, and nothing else.",
      scores: "Luong asks now, with the new state: “{most}” scores highest.",
      weights: "Luong turns scores into weights: “{most}” gets {weight}.",
      context: "Luong reads {context}, which no state ever hears of.",
      predicted: "Luong writes “{best}” ({share}).",
    },
  },
  differ: "What differs",
  differences: [
    "Who asks: the state from before the last word (Bahdanau), or the one that has read it (Luong).",
    "The score: a small network with a bend, v · tanh(W h + U m + b), or one product, h · W m.",
    "Where the context goes: into the state and the prediction, or into the prediction alone.",
  ],
  wait: "It isn’t computed before step {step}.",
  how: {
    word: "“{last}” was written, and is now fed as {word}.",
    previous: {
      bahdanau: "The state after the step before: {previous}. It asks, and it is carried on.",
      luong: "The state after the step before: {previous}. It is carried on, and doesn’t ask.",
    },
    memory: "{source} is {output}.",
    additive: "{source}: W h + U m + b = {inside}; its tanh is {bent}; {v} · that = {score}",
    general: "{source}: W m = {key}; h · W m = {q} · {key} = {score}",
    softmax: "The exponential of each score, divided by the sum of all three:",
    weights: "{source}: exp({score}) ÷ sum = {weight}",
    context: "{terms} = {context}",
    state: {
      bahdanau:
        "A GRU makes {state} from the old state {previous}, the word {word} and the context {context}.",
      luong:
        "A GRU makes {state} from the old state {previous} and the word {word}. No context is among them.",
    },
    predicted: "{target}: {share}",
    from: "Made from the context {context}, the state {state} and the word {word}.",
  },
};

/** The words of the figure "speed of sight"; `{name}` is replaced. */
export const STRINGS = {
  machine: "Machine",
  doing: "Doing",
  modes: { training: "training", prefill: "reading", generation: "writing" },
  words: "Words",
  play: "Play",
  pause: "Pause",
  again: "Restart",
  jump: "Jump to the next finish",
  time: "Time",
  slow: "Slow motion: {factor} times slower",
  clock: "{time} of {total}",
  kinds: { gru: "GRU", transformer: "Transformer" },
  how: { one: "word by word", all: "all at once" },
  going: "{time} …",
  finished: "{time}",
  drawing: "{kind}: {count} words, {how}.",
  machines: {
    CPU: "{threads} cores of a CPU",
    GPU: "one GPU ({processor})",
  },
  what: {
    training:
      "On {machine}, a batch of {batch} words is learnt from: {texts} texts of {length} words, there and back. One text is drawn. Who is first?",
    prefill: "On {machine}, one text of {length} words is read. Who is first?",
    generation:
      "On {machine}, {written} words are written after the {length} that are there. Who is first?",
  },
  chain: {
    gru: "Longest chain of operations that wait for each other: {chain}, ten for each word and {rest} more.",
    transformer: "Longest chain: {chain}, however long the text is.",
  },
  there: " That is the way there; the way back isn’t counted.",
  waits: "Each word has to be there before the next: {written} steps wait for each other.",
  first: {
    gru: "The GRU is first.",
    transformer: "The Transformer is first.",
    neither: "Too close to call.",
  },
  result:
    "{first} {Mode} took the GRU {gru} and the Transformer {transformer}: {ratio} times as long, the mean of {measured} measurements ({low} to {high}).",
  Modes: { training: "Training", prefill: "Reading", generation: "Writing" },
};

/** The words of the figure "cost calculator"; `{name}` is replaced. */
export const STRINGS = {
  preset: "Read",
  presets: {
    sentence: "a sentence",
    document: "a long document",
    image: "a large image",
    video: "an hour of video",
  },
  why: {
    sentence: "Some 32 words.",
    document:
      "A book of 400 pages, 300 words a page: 120,000 words. Cut into subwords, it has more.",
    image:
      "4,096 × 4,096 pixels in patches of 16 × 16, each read as a word: 256 × 256 = 65,536 words.",
    video: "A frame each second, 16 × 16 patches each, read as words: 3,600 × 256 = 921,600 words.",
    own:
      "Your own length. A word is whatever is read at one position: what is that in your text, " +
      "picture or film, and how many are there?",
  },
  length: "Words",
  exact: "Words, exactly",
  model: "Model",
  models: { chapter: "of this chapter", large: "seven billion weights" },
  heads: "Heads",
  width: "Width",
  layers: "Layers",
  bits: "Bits a number",
  reach: "Window, rank, features",
  memory: "Your GPU's memory",
  memoryBox: "Your GPU's memory in GiB",
  gib: "GiB",
  show: "Show",
  quantities: {
    multiplications: "operations",
    held: "memory held",
    kept: "memory kept",
    time: "measured time",
  },
  axes: {
    multiplications: "multiplications, all layers",
    held: "bytes held on the way, one layer",
    kept: "bytes kept for writing, all layers",
    time: "seconds",
  },
  words: "words (logarithmic)",
  machine: "On",
  task: "To",
  tasks: { forward: "read", training: "train" },
  kinds: {
    full: "full",
    fused: "fused",
    groups: "2 groups",
    window: "window",
    bigbird: "BigBird",
    lowRank: "low rank",
    random: "random features",
    linear: "linear",
    gated: "gated",
    delta: "gated delta",
  },
  brief: { random: "random", delta: "delta", rest: "12 n D²" },
  rest: "12 n D², at each word by itself",
  ends: "your GPU's memory ends here: {gib} GiB",
  endsBriefly: "GPU full: {gib} GiB",
  drawing: "{axis} against words, both logarithmic, for {kinds}; at {length} words a line.",
  columns: {
    kind: "attention",
    multiplications: "operations",
    held: "held",
    kept: "kept",
    fits: "{gib} GiB full at",
    seconds: "time",
    range: "lowest to highest",
    peak: "peak memory",
  },
  table: "The numbers at one length",
  at: "At {length} words",
  measuredAt: "Measured at {length} words",
  always: "> {length}",
  nothing: "can't write",
  unmeasured: "not measured",
  result: {
    multiplications:
      "{length} words: full attention makes {multiplications} multiplications. Of a layer with its " +
      "projections and its network that is {share}; it is half at 6 × width = {half} words, where " +
      "the dotted line is crossed.",
    held:
      "{length} words: full attention holds {held} for the scores of one layer. With what is kept, " +
      "it fills {gib} GiB at {end}. {fits}",
    kept:
      "{length} words: full attention keeps {kept}, all of which is read for each word that is " +
      "written. With what is held, it fills {gib} GiB at {end}. {fits}",
  },
  end: "{length} words",
  endless: "more than {length} words",
  fits: "Of those shown, there is room at this length for {list}.",
  noneFits: "Of those shown, there is room at this length for none.",
  cross: "Fewer {what} than full attention (diamonds): {list}.",
  crossNowhere: "None of those shown takes fewer {what} than full attention.",
  crossOne: "{kind} from {length}",
  crossAlways: "{kind} at every length",
  crossWhat: {
    multiplications: "operations",
    held: "bytes held",
    kept: "bytes kept",
    time: "seconds",
  },
  timeNote:
    "These times are measured, not computed: {machine}, attention alone, four heads of width 64, " +
    "one layer, windows, ranks and features of 256. The settings of the model don't change them, and no line goes on " +
    "where nothing was measured.",
  timeResult:
    "Nearest length that was measured: {length} words. {list} (mean of {repetitions} on {machine}).",
  timeBeyond: "{length} words: nothing so long was measured on {machine}. The longest is {most}.",
  once: "1 run",
  times: "{count} runs",
};

/** The words of the figure "mask shapes"; `{name}` is replaced. */
export const STRINGS = {
  pattern: "Pattern",
  patterns: {
    all: "all",
    window: "window",
    dilated: "dilated window",
    strided: "strided",
    global: "global words",
    blocks: "blocks",
    bigbird: "BigBird",
  },
  causal: "looks back only (causal)",
  length: "words in the text",
  asks: "asks: word",
  layers: "layers",
  settings: {
    window: "window: words",
    dilation: "step",
    stride: "stride",
    num_global: "global words",
    block: "words in a block",
  },
  settingsInBlocks: {
    window: "window: blocks",
    num_global: "global blocks",
    num_random: "random blocks",
  },
  drawAgain: "Draw other random blocks",
  note: {
    all: "Full attention: every pair. Whoever looks back only sees about half of them.",
    window:
      "The nearest words, the asking word itself counted as the first. Make the window as long as the text: it is full attention.",
    dilated:
      "As many words as the window counts, but only every so many: with a step of 3 those 0, 3, 6, 9 … away. Where does news never get?",
    strided:
      "The nearest words, fewer than a stride away, and beyond them those at a multiple of the stride (Child and others, 2019).",
    global:
      "A window, and a few words at the beginning that see all and are seen by all. Take them away, and watch the layers.",
    blocks:
      "The text is cut into blocks; a word sees all words of the nearest blocks, its own counted as the first.",
    bigbird:
      "Blocks nearby, the first ones global, and for each other block a few drawn at random (Zaheer and others, 2020), as the package draws them with the seed {seed}.",
  },
  pairs: "Pairs that are looked at",
  pairsOf: "{pairs} of {all} ({share})",
  spread: "News has spread after",
  spreadOf: "{layers} layers",
  spreadOfOne: "1 layer",
  heard: "Then a word has heard of",
  everyone: "all words",
  everyoneBefore: "all up to itself",
  share: "{share} of all words",
  shareBefore: "{share} of all up to itself",
  who: "Who sees whom",
  matrix: "A map of all pairs of words. Rows ask, columns are seen.",
  seen: "is seen: word",
  seenMark: "seen",
  heardMark: "not seen, but heard of after {layers} layers",
  news: "Where word {asks} has its news from",
  cone: "One line for each layer, from the asking word down to the words: {counts} words.",
  layer: "layer {layer}",
  words: "words",
  span: "{first} to {last}",
  resultOne: "Word {asks} sees {seen}.",
  result:
    "Word {asks} sees {seen}. After {layers} layers it has heard of {count} of the {most} words{limit}: {heard}.",
  resultAll:
    "Word {asks} sees {seen}. After {layers} layers it has heard of all {most} words{limit}.",
  limitAll: "",
  limitBefore: " up to itself",
};

/** What the view of attention says. */

export const STRINGS = {
  form: "Show as",
  heatmap: "Heatmap",
  arcs: "Arcs",
  unit: "By",
  words: "Words",
  pieces: "Pieces",
  layer: "Layer",
  head: "Head",
  mean: "mean",
  end: "end",
  heatmapLabel:
    "Attention of {name}: a row for each word written, a column for each word read, in percent",
  arcsLabel: "Attention of {name}: words read on the left, words written on the right",
  cell: "{row} looks at {column}: {share}",
  cellGold: "{row} looks at {column}: {share}; a gold link",
  row: "“{row}” looks at {shares}.",
  column: "“{column}” is looked at by {shares}.",
  gold: "Gold: {words}.",
  goldNone: "Gold: nothing.",
  nothing: "nothing much",
  heatmapHint:
    "Percent; each row sums to 100. Point at a cell, or move among the cells with the arrow keys.",
  arcsHint: "Point at a word, or move among the words with the arrow keys.",
  none: "Nothing to show for {name}: it has no attention, all it writes comes out of one vector.",
};

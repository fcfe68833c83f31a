/** The words of the figure "positional encodings"; `{name}` is replaced. */
export const STRINGS = {
  scheme: "Scheme",
  sinusoidal: "waves",
  learned: "learnt table",
  rotary: "rotary",
  alibi: "ALiBi",
  head: "Head",
  asks: "asks: place",
  read: "is read: place",
  place: "place",
  feature: "feature",
  distance: "distance from the asking place",
  vectors: {
    sinusoidal: "Added to the words",
    learned: "Added to the words",
    rotary: "One query, turned",
  },
  pairs: {
    sinusoidal: "How alike two places are",
    learned: "How alike two places are",
    rotary: "Score of one query and one key",
    alibi: "What a pair pays",
  },
  value: {
    sinusoidal: "dot product",
    learned: "cosine",
    rotary: "score",
    alibi: "added to the score",
  },
  note: {
    sinusoidal:
      "Neighbours are alike, and how alike depends on their distance only. Move the asking place: the curve stays as it is. (Dot products are divided so that a place with itself has 1.)",
    learned:
      "As learning finds it: each place is drawn at random. No place knows its neighbours, and each has a curve of its own.",
    rotary:
      "The same query and key at all places. Only the distance counts, and its sign counts, too: the curve is lopsided.",
    alibi:
      "Nothing is added to the words. Each pair pays for its distance, in each head at another price. Left and right cost the same.",
  },
  key: "Purple: the asking place that is chosen. Grey: all the others.",
  drawing: "{pairs}: a map of all pairs of places. Rows ask, columns are read.",
  drawingVectors: "{vectors}: one row for each place.",
  curve: "{value} against distance, for the asking place {asks}; in grey for all others.",
  result: "Place {asks} asks, place {read} is read, distance {distance}: {value} {number}.",
};

/** The words of the figure "image and sound attention"; `{name}` is replaced. */
export const STRINGS = {
  letter: "Letter",
  play: "Play letter by letter",
  stop: "Stop",
  next: "Next letter",
  title: { picture: "The word as a picture", sound: "The word as a sound" },
  note: {
    picture:
      "Cut into {count} strips. Below, a row for each letter: how much it read of each strip.",
    sound: "High tones above. Cut into {count} moments. Below, a row for each letter.",
  },
  piece: { picture: "Strip", sound: "Moment" },
  of: "{piece} of {count}",
  unchosen: "none chosen",
  drawing: {
    picture: "The word drawn, in {count} strips, and a map of weights: {rows} letters by strips.",
    sound: "The spectrogram, in {count} moments, and a map of weights: {rows} letters by moments.",
  },
  share: "{name} ({share})",
  and: ", ",
  one: { picture: "strip {list}", sound: "moment {list}" },
  several: { picture: "strips {list}", sound: "moments {list}" },
  byLetter: "Writing “{letter}”, the model read {picture} of the picture and {sound} of the sound.",
  byPiece: {
    picture: "Strip {piece} of the picture was read while writing {letters}.",
    sound: "Moment {piece} of the sound was read while writing {letters}.",
  },
};

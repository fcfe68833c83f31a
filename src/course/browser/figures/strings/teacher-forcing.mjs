/** The words of the figure "teacher forcing"; `{name}` is replaced. */
export const STRINGS = {
  sentence: "Sentence",
  kind: "Replace a word by",
  second: "its second choice",
  third: "its third choice",
  random: "a random word",
  undo: "Take it back",
  reference: "Reference",
  free: "Free-running",
  freeNote: "It reads its own last word.",
  forced: "Teacher-forced",
  forcedNote: "It reads the reference’s last word, whatever it wrote.",
  reads: "reads",
  writes: "writes",
  start: "start",
  end: "end",
  planted: "planted",
  percent: "{percent}%",
  step: "{writes} {chance}, word {place}, having read {reads}",
  stepWrong: ", not in the reference",
  track: "{way}. Choose a word with the arrow keys, replace it with Enter.",
  before:
    "Press any word below: it is replaced, and the rest is written anew. So far {free} of {words} words of the reference are missed free-running, {forced} teacher-forced.",
  after:
    "“{wrong}” instead of “{right}”, word {place}. Free-running, {free} of {words} words of the reference are missed now, {before} before. Teacher-forced, the next word is read from the reference, so nothing behind the mistake changes: {forced} missed.",
  afterBeyond:
    "“{wrong}” instead of “{right}”, word {place}. Free-running, {free} of {words} words of the reference are missed now, {before} before. The reference has no such place.",
};

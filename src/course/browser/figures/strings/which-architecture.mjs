/** The words of the figure "which architecture?"; `{name}` is replaced. */
export const STRINGS = {
  first: "What comes first?",
  kinds: {
    classify: "to understand or label",
    generate: "to write",
    transduce: "to turn one text into another",
  },
  second: {
    classify: "What gets a label?",
    transduce: "What becomes of the text?",
    generate: "What is written?",
  },
  tasks: {
    sentiment: "the whole text: its mood",
    entities: "each word: is it a name?",
    stories: "a short story about somebody",
    translation: "a translation",
    answers: "an answer to a question about it",
    summaries: "a summary",
  },
  article: "The article says",
  choices: {
    classify: "encoder-only",
    generate: "decoder-only",
    transduce: "encoder–decoder",
  },
  margin: "Its margin over the better of the other two, measured here",
  parameters: "at equal parameters",
  operations: "at equal operations",
  marginLegend:
    "From −{most} to +{most}. Stroke: no difference; right of it the article's choice is ahead.",
  interval: "{mean} ({low} to {high})",
  ahead: "ahead",
  behind: "behind",
  open: "undecided",
  scores: "All families at this task",
  caveat: "Mind",
  caveats: {
    classify: "no pretraining here; everybody learnt this task alone, from scratch",
    generate: "these are short stories of a grammar, not the web",
    transduce: "the unmasking encoder was told how long the result is",
  },
  notes: {
    sentiment:
      "A bag of words comes near already. And in C17, with 3,200 labelled sentences, a head on a " +
      "decoder was right for {head} of them, a label's word written in one wording for {words}, and " +
      "in many wordings for {mixture}.",
    entities:
      "What a name is often shows only behind it, where a causal model can't look while it reads. A " +
      "window of three words, a linear model, reaches {mark}.",
    stories: "Whatever writes from left to right does it well. The encoder, unmasking, doesn't.",
    translation:
      "At equal parameters the encoder–decoder is ahead. Twice as deep it trained badly: from seed " +
      "to seed it does very differently.",
    answers: "Nobody is ahead.",
    summaries: "All of one size are within a hundredth of each other.",
  },
  verdict: "The verdict of {claim}, over all its tasks: {verdict}.",
  result:
    "{path}. The article says {choice}. At equal parameters {parameters}, at equal operations {operations}.",
};

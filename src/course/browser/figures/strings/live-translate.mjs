/** What the live models say. */

export const STRINGS = {
  // the models, in a list and inside a sentence
  "tatoeba-en-fr-gru": "Classic (GRU)",
  "tatoeba-en-fr-bahdanau": "Bahdanau",
  "tatoeba-en-fr-luong": "Luong",
  "tatoeba-en-fr-transformer": "Transformer",
  all: "All side by side",
  "the tatoeba-en-fr-gru": "the classic model",
  "the tatoeba-en-fr-bahdanau": "Bahdanau’s model",
  "the tatoeba-en-fr-luong": "Luong’s model",
  "the tatoeba-en-fr-transformer": "the Transformer",
  "the all": "all of them",

  // what is asked
  text: "English sentence",
  examples: "Recorded examples",
  exampleWords: "{count} words",
  model: "Model",
  beam: "Beam",
  alpha: "Length penalty α",
  translate: "Translate",
  load: "Load {models} ({size})",
  size: "{models} MB + runtime {runtime} MB",
  sizeModels: "{models} MB",
  open: "Open {models} (kept on this device, nothing to download)",
  cancel: "Cancel",

  // what is going on
  recorded: "This was recorded. Load {models} to translate sentences of your own.",
  loading: "Loading: {done} of {total} MB",
  preparing: "Loading {models} …",
  translating: "Translating …",
  translated: "Translated in this browser by {models}, in {time} milliseconds.",
  cancelled: "Stopped. The recorded examples still work.",
  notRecorded: "This was not recorded. Load {models} to translate it here.",
  notRecordedHere:
    "This search was not recorded: take another beam, penalty or example. On the course’s website the models themselves run.",
  notBuilt:
    "This copy of the site was built without the models (the extra “export” was not installed). The recorded examples on this page still work.",
  onlySite:
    "Recorded with the course’s own models. On the course’s website (make serve) they run live, here and on its page “Translate”.",
  length:
    "{words} words are many for one vector: on test sentences of {low} to {high} words the classic model makes {classic} errors for every 100 words, on {shortLow} to {shortHigh} words {shortClassic}. With attention it is {attention} against {shortAttention}.",
  lengthBeyond:
    "{words} words are more than these models were ever tested on ({high} at most): expect nonsense.",

  // what was found
  results: "Translations",
  lookInside: "Look inside",
  attention: "Attention",
  tree: "Beam tree",
  columnModel: "model",
  columnText: "French",
  columnScore: "score",
  columnTime: "time",
  look: "Look inside {models}",
  greedy: "greedy (beam 1)",
  beamOf: "beam {beam}, α {alpha}",
  score: "score {score}",
  time: "{time} ms",
  recordedTime: "recorded",
  unfinished: "stopped at the greatest length allowed",
  nothing: "(no words)",
};

/**
 * All that the modules of this folder say to a reader, apart from code, so that a site can be translated.
 *
 * A code and its values travel (through `postMessage`, too); the words are put in at the end.
 */

export const STRINGS = {
  empty: "There is nothing to translate yet: type an English sentence.",
  tooLong:
    "This text has {words} words. The models read sentences, at most {limit} pieces of words: try a shorter one.",
  noWords: "There is no word in this text that could be translated: type an English sentence.",
  notEnglish:
    "These models have learnt English only, which is written in Latin letters, and this text has none.",
  notATokenizer: "The vocabulary of this model can't be read; load the page again.",
  notAnId: "Token {id} is not in the vocabulary of {size} entries.",
  badArgument: "{name} can't be {value}.",
  aborted: "Stopped.",
  downloadFailed:
    "The model could not be downloaded ({reason}). The recorded examples on this page still work; try again when you are connected.",
  damaged: "{file} arrived damaged. The recorded examples on this page still work; try again.",
  noWasm:
    "This browser can't run the models, for it has no WebAssembly. The recorded examples on this page still work.",
  noWorker:
    "This browser can't run the models in the background. The recorded examples on this page still work.",
  notRecorded: "This was not recorded; load the model to go on from here.",
  notLoaded: "The model is not loaded yet.",
  noModels:
    "The models of this site can't be reached ({reason}). The recorded examples on this page still work.",
  broken:
    "The model stopped with an error ({reason}). The recorded examples on this page still work.",
};

/** The sentence for a code; `{name}` is replaced by `values.name`. */
export function say(code, values = {}, strings = STRINGS) {
  const sentence = strings[code] ?? STRINGS[code] ?? code;
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** An error that a reader may see: a code of `STRINGS`, and values for its sentence. */
export class CourseError extends Error {
  constructor(code, values = {}) {
    super(say(code, values));
    this.name = "CourseError";
    this.code = code;
    this.values = values;
  }
}

/** What a decoder reads and writes, word by word, with or without a mistake that was planted. */

export const WAYS = ["free", "forced"];

/** The planted output of a sentence at a place, or null where none is recorded. */
export function plantedAt(sentence, place, kind) {
  const same = (each) => each.place === place && each.kind === kind;
  return sentence.planted.find(same) ?? null;
}

/**
 * Both ways through one sentence.
 *
 * @param {object} sentence of the payload
 * @param {object | null} planted what `plantedAt` gave
 * @returns {{ free: object, forced: object }} each `{ steps, missed }`; a step is `{ reads, writes,
 *   percent, wrong, planted, behind, mended }`; the empty word is the start or the end
 */
export function traces(sentence, planted) {
  return { free: free(sentence, planted), forced: forced(sentence, planted) };
}

/** Its own words are read, so a mistake is read, too, and all behind it is written anew. */
function free(sentence, planted) {
  const { words, percent, wrong, missed } = planted ?? sentence.free;
  return { steps: steps(words, words, percent, wrong, planted), missed };
}

/** The reference's words are read: whatever was written, what follows is the same. */
function forced(sentence, planted) {
  const { reference } = sentence;
  const place = planted && planted.place < reference.length ? planted.place : -1;
  const words = [...sentence.forced.words];
  const percent = [...sentence.forced.percent];
  if (place >= 0) {
    words[place] = planted.words[place];
    percent[place] = null; // after the reference's words it may be another one
  }
  const wrong = [...words.keys()].filter((i) => words[i] !== reference[i]);
  const found = steps(words, reference, percent, wrong, place >= 0 ? planted : null);
  if (found[place + 1] && place >= 0) found[place + 1].mended = true;
  const missed = wrong.filter((i) => i < reference.length - 1).length; // the end is no word
  return { steps: found, missed };
}

function steps(words, read, percent, wrong, planted) {
  return words.map((writes, i) => ({
    reads: i ? read[i - 1] : "",
    writes,
    percent: percent[i],
    wrong: wrong.includes(i),
    planted: planted !== null && i === planted.place,
    behind: planted !== null && i > planted.place,
    mended: false,
  }));
}

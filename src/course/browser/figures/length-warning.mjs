/** Where a sentence is long for one vector: the record of claim C1, put in words. */

import { say } from "../strings.mjs";

const CLASSIC = "tatoeba-en-fr-gru";

/**
 * The warning for a sentence of so many words, or null where there is nothing to warn of.
 *
 * `lengths` is `{ first, short, bins }`: corrections for 100 words, by length, of the classic model
 * and of one with attention, as `course.figures.live_translate` takes them from the record.
 */
export function lengthWarning({ words, names, lengths }, strings) {
  if (!lengths || !names.includes(CLASSIC) || words < lengths.first) return null;
  const { short, bins } = lengths;
  const bin = bins.find(({ high }) => words <= high);
  if (!bin) return say("lengthBeyond", { words, high: bins.at(-1).high }, strings);
  const values = {
    ...bin,
    words,
    shortLow: short.low,
    shortHigh: short.high,
    shortClassic: short.classic,
    shortAttention: short.attention,
  };
  return say("length", values, strings);
}

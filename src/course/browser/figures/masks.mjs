/**
 * Who sees whom in sparse attention, as `course.ops.efficient.patterns` has it.
 *
 * A mask is a list of rows, one for each word that asks; true means that it may look there.
 */

import { permutation, twister } from "./twister.mjs";

const range = (count) => [...Array(count).keys()];

/** A mask of all pairs for which `sees(asks, read)` holds, the later words hidden if causal. */
function pairsWhere(length, causal, sees) {
  const words = range(length);
  return words.map((asks) => words.map((read) => sees(asks, read) && (!causal || read <= asks)));
}

const every = (number, step) => number % step === 0;

/** Of each pattern: its mask for a length, its settings and a seed. */
const PATTERNS = {
  all: (length, { causal }) => pairsWhere(length, causal, () => true),

  window: (length, { causal, window, dilation = 1 }) =>
    pairsWhere(length, causal, (asks, read) => {
      const distance = Math.abs(asks - read);
      return distance < window * dilation && every(distance, dilation);
    }),

  strided: (length, { causal, stride }) =>
    pairsWhere(length, causal, (asks, read) => {
      const distance = Math.abs(asks - read);
      return distance < stride || every(distance, stride);
    }),

  blocks: (length, settings, seed) => {
    const { causal, block = 1 } = settings;
    const seen = layout(Math.ceil(length / block), settings, twister(seed));
    const blockOf = (word) => Math.floor(word / block);
    return pairsWhere(length, causal, (asks, read) => seen[blockOf(asks)].has(blockOf(read)));
  },
};
const LIKE = { dilated: "window", global: "blocks", bigbird: "blocks" };

/**
 * The mask of a pattern.
 *
 * @param {object} pattern `{ name, causal, … }` with the settings that the pattern has, named as in
 *   the package
 * @param {number} length how many words
 * @param {number} seed of random blocks
 * @returns {boolean[][]}
 */
export function maskOf({ name, ...settings }, length, seed) {
  return PATTERNS[LIKE[name] ?? name](length, settings, seed);
}

/** For each block of words the blocks that it sees: nearby, global, and some at random. */
function layout(count, { causal, window, num_global = 0, num_random = 0 }, random) {
  return range(count).map((row) => {
    const visible = range(causal ? row + 1 : count);
    const sees = (i) => row < num_global || i < num_global || Math.abs(row - i) < window;
    const others = visible.filter((i) => !sees(i));
    const drawn = permutation(others.length, random).slice(0, num_random);
    return new Set([...visible.filter(sees), ...drawn.map((i) => others[i])]);
  });
}

/** How many pairs a mask shows. */
export function count(mask) {
  return mask.reduce((sum, row) => sum + row.filter(Boolean).length, 0);
}

/** All that those have heard of whom a row sees. */
function gathered(row, heard) {
  const found = Array(row.length).fill(false);
  for (let via = 0; via < row.length; via += 1)
    if (row[via]) for (let i = 0; i < row.length; i += 1) found[i] ||= heard[via][i];
  return found;
}

/** The mask times itself: who has news of whom after so many layers. */
export function heardAfter(mask, layers) {
  let heard = mask;
  for (let i = 1; i < layers; i += 1) heard = mask.map((row) => gathered(row, heard));
  return heard;
}

/** Whom one word reads, from its last layer (itself alone) down to the words. */
export function levels(mask, word, layers) {
  const found = [mask.map((_, i) => i === word)];
  for (let i = 0; i < layers; i += 1) found.push(gathered(found[i], mask));
  return found;
}

/**
 * After how many layers news has travelled as far as it ever will, and who has then heard of whom.
 *
 * Each word has to see itself, so that nothing is forgotten on the way.
 */
export function spread(mask) {
  let [heard, layers] = [mask, 1];
  for (;;) {
    const now = mask.map((row) => gathered(row, heard));
    if (count(now) === count(heard)) return { layers, heard };
    [heard, layers] = [now, layers + 1];
  }
}

/** The stretches of true in a row: `[first, last]` each. */
export function runs(row) {
  const found = [];
  row.forEach((sees, i) => {
    if (!sees) return;
    if (i > 0 && row[i - 1]) found.at(-1)[1] = i;
    else found.push([i, i]);
  });
  return found;
}

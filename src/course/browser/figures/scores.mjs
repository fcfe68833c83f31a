/** Scores of one query and one key, with what comes on the way. */

import { dot } from "./attention.mjs";

/**
 * Bahdanau's: v · tanh(W q + U m + b).
 *
 * @param {number[]} q the query
 * @param {number[]} m what the encoder made of a word
 * @param {{ W: number[][], U: number[][], b: number[], v: number[] }} learnt
 * @returns {{ inside: number[], bent: number[], score: number }} before and after the tanh
 */
export function additive(q, m, { W, U, b, v }) {
  const inside = b.map((bias, i) => dot(W[i], q) + dot(U[i], m) + bias);
  const bent = inside.map(Math.tanh);
  return { inside, bent, score: dot(v, bent) };
}

/** Luong's "general": q · W m; `key` is W m. */
export function general(q, m, { W }) {
  const key = W.map((row) => dot(row, m));
  return { key, score: dot(q, key) };
}

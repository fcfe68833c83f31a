/** Scaled dot-product attention of a few vectors, with every number on the way. */

/**
 * What `course.ops.attention.scaled_dot_product_attention` computes, for one head.
 *
 * @param {number[][]} query one vector for each token that asks
 * @param {number[][]} key one for each that may be read
 * @param {number[][]} value one for each that may be read
 * @param {object} options
 * @param {boolean[][]} options.mask true where a query may look
 * @param {number} options.scale what dot products are multiplied by
 */
export function attend(query, key, value, { mask, scale }) {
  const scores = query.map((q) => key.map((k) => dot(q, k)));
  const scaled = scores.map((row) => row.map((score) => score * scale));
  const seen = scaled.map((row, i) => row.map((s, j) => (mask[i][j] ? s : -Infinity)));
  const exponentials = seen.map((row) => row.map(Math.exp));
  const weights = seen.map(softmax);
  const read = weights.map((row) => mix(row, value));
  return { scores, scaled, seen, exponentials, weights, read };
}

/** Who may look at whom: `kind` is "none", "causal", or "padding", which hides the last token. */
export function maskOf(kind, size) {
  const places = [...Array(size).keys()];
  const may = {
    none: () => true,
    causal: (i, j) => j <= i,
    padding: (i, j) => j < size - 1,
  }[kind];
  return places.map((i) => places.map((j) => may(i, j)));
}

/** The part of each vector that belongs to a head. */
export function headOf(vectors, head, heads) {
  const width = vectors[0].length / heads;
  return vectors.map((vector) => vector.slice(head * width, (head + 1) * width));
}

/** Softmax of scores, of which -Infinity is hidden; if all are, all weights are zero. */
export function softmax(scores) {
  const highest = Math.max(...scores);
  if (highest === -Infinity) return scores.map(() => 0);
  const powers = scores.map((score) => Math.exp(score - highest));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

/** The dot product of two vectors. */
export function dot(a, b) {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}

function mix(weights, vectors) {
  return vectors[0].map((_, i) =>
    dot(
      weights,
      vectors.map((vector) => vector[i]),
    ),
  );
}

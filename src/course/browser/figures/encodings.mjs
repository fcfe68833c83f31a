/** Positional encodings, as `course.ops.positions` has them: features are paired (i, i + D/2). */

/** Waves of ever longer period: all sines, then all cosines. */
export function sinusoidal(position, width) {
  const turns = angles(position, width);
  return [...turns.map(Math.sin), ...turns.map(Math.cos)];
}

/** A query or key, turned for its position. */
export function rotate(vector, position) {
  const half = vector.length / 2;
  const [first, second] = [vector.slice(0, half), vector.slice(half)];
  const turns = angles(position, vector.length);
  return [
    ...turns.map((turn, i) => first[i] * Math.cos(turn) - second[i] * Math.sin(turn)),
    ...turns.map((turn, i) => first[i] * Math.sin(turn) + second[i] * Math.cos(turn)),
  ];
}

/** ALiBi's price: what is added to the score of two positions by a head of that slope. */
export function alibi(query, key, slope) {
  return -slope * Math.abs(query - key);
}

function angles(position, width) {
  return Array.from({ length: width / 2 }, (_, i) => position * 10_000 ** ((-2 * i) / width));
}

/** A signal that is drawn from digits, and what was read of it. */

/**
 * The outlines of a picture's grey levels, one path of SVG for each that occurs.
 *
 * @param {string[]} rows one hexadecimal digit a pixel, "0" is paper
 * @returns {{ level: number, d: string }[]} in units of pixels, level 1 to 15
 */
export function levels(rows) {
  const paths = new Map();
  rows.forEach((row, y) => {
    for (const { 0: run, index } of row.matchAll(/([1-9a-f])\1*/g)) {
      const level = parseInt(run[0], 16);
      const piece = `M${index} ${y}h${run.length}v1h-${run.length}z`;
      paths.set(level, (paths.get(level) ?? "") + piece);
    }
  });
  return [...paths].sort(([a], [b]) => a - b).map(([level, d]) => ({ level, d }));
}

/** The places of weights of at least `least`, heaviest first; the heaviest in any case. */
export function strongest(weights, least) {
  const order = weights.map((_, i) => i).sort((a, b) => weights[b] - weights[a]);
  return order.filter((i, rank) => rank === 0 || weights[i] >= least);
}

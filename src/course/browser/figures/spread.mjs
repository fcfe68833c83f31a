/** Labels that would lie on one another. */

/**
 * Places near the wanted ones, at least `gap` apart, from `low` to `high` as far as there is room.
 *
 * @param {number[]} wanted in any order
 * @returns {number[]} in the same order
 */
export function spread(wanted, gap, low, high) {
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a] - wanted[b]);
  const placed = [...wanted];
  let free = low;
  for (const i of order) {
    placed[i] = Math.max(placed[i], free);
    free = placed[i] + gap;
  }
  free = high;
  for (const i of order.reverse()) {
    placed[i] = Math.min(placed[i], free);
    free = placed[i] - gap;
  }
  return placed;
}

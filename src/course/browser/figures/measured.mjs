/** What was measured at a length, or in a range of lengths. */

/** The point whose range holds so many words, or null where nothing was measured. */
export function pointAt(points, words) {
  return points.find(({ words: [low, high] }) => low <= words && words <= high) ?? null;
}

/** The corners of a line: a level stretch over each range, a single place for one length. */
export function corners(points, valueOf) {
  return points.flatMap((point) => {
    const [low, high] = point.words;
    const across = low === high ? [low] : [low - 0.5, high + 0.5];
    return across.map((x) => [x, valueOf(point)]);
  });
}

/** The corners around an interval, there and back; null if one has no ends. */
export function outline(points, model) {
  if (points.some((point) => point[model][1] === null)) return null;
  const low = corners(points, (point) => point[model][1]);
  const high = corners(points, (point) => point[model][2]);
  return [...low, ...high.reverse()];
}

/** The index that is nearest to a wanted number. */
export function nearest(numbers, wanted) {
  const away = numbers.map((number) => Math.abs(number - wanted));
  return away.indexOf(Math.min(...away));
}

/** The index of the largest number. */
export function most(numbers) {
  return numbers.indexOf(Math.max(...numbers));
}

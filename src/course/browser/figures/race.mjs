/**
 * A race of two layers against a measured clock: how far each is at a time. Only the totals are
 * measured; between start and end everything is drawn at an even pace.
 */

/** Readable factors of slow motion: 1, 2 or 5 times a power of ten. */
const ROUND = [5, 2, 1];

/**
 * How many times slower the race is shown than it was, so that it takes at most `most` seconds.
 *
 * @param {number} total microseconds that the slower one took
 * @param {number} most seconds
 */
export function slowMotion(total, most) {
  const exact = (most * 1e6) / total;
  const ten = 10 ** Math.floor(Math.log10(exact));
  return ROUND.find((times) => times * ten <= exact) * ten;
}

/** The share of the whole that is done at `time`, from 0 to 1. */
export function share(time, total) {
  return Math.min(Math.max(time / total, 0), 1);
}

/**
 * How many of `count` words the network that goes word by word has behind it.
 *
 * @param {string} mode in "training" it goes there and back, and the way back is drawn as long
 * @param {number} done share of its time
 * @returns {{ there: number, back: number }} words done on the way there, and on the way back
 */
export function wordByWord(mode, count, done) {
  if (mode !== "training") return { there: Math.floor(done * count), back: 0 };
  const steps = Math.floor(done * 2 * count);
  return { there: Math.min(steps, count), back: Math.max(steps - count, 0) };
}

/** Columns and side of `count` cells in a drawing of some width and at most some height. */
export function cells(count, width, height, largest) {
  let columns = Math.min(count, 8);
  while (columns < count) {
    const side = Math.min(Math.floor(width / columns), largest);
    if (Math.ceil(count / columns) * side <= height && side * columns <= width) break;
    columns *= 2;
  }
  return { columns, side: Math.min(Math.floor(width / columns), largest) };
}

/** Microseconds in a unit that can be read: "850 µs", "12.6 ms", "1.2 s". */
export function duration(micros) {
  const [value, unit] =
    micros < 1000 ? [micros, "µs"] : micros < 1e6 ? [micros / 1000, "ms"] : [micros / 1e6, "s"];
  return `${value >= 100 ? Math.round(value) : Number(value.toPrecision(3))} ${unit}`;
}

/**
 * What attention costs, counted as `course.ops.efficient.costs` counts it (causal wherever a kind can
 * be): multiplications, scores and other numbers that are held at once, numbers kept for writing.
 *
 * `sizes` is `{ length, heads, key, value }`: tokens, heads, and the widths of a key and a value.
 */

/** Plain attention, every score stored; `groups` heads of keys and values are kept. */
export function full({ length, heads, key, value }, { groups = heads } = {}) {
  const pairs = heads * length ** 2;
  return {
    multiplications: pairs * (key + value),
    scores: pairs,
    state: 0,
    cache: length * groups * (key + value),
  };
}

/** Tile by tile, those skipped that lie wholly in the future. */
export function tiled({ length, heads, key, value }, { block }) {
  const whole = Math.floor(length / block);
  const rest = length - whole * block;
  // all rows of the tile on the diagonal and before it; the last tile may be smaller
  const pairs = (block ** 2 * whole * (whole + 1)) / 2 + rest * length;
  const edge = Math.min(block, length);
  return {
    multiplications: heads * pairs * (key + value),
    scores: heads * edge ** 2,
    state: heads * edge * (value + 2),
    cache: length * heads * (key + value),
  };
}

/** The nearest tokens: a block meets itself and the one before. */
export function window({ length, heads, key, value }, { reach }) {
  const block = Math.min(reach, length);
  const blocks = Math.ceil(length / block);
  const met = block * (blocks === 1 ? 1 : 2);
  const pairs = heads * blocks * block * met;
  return {
    multiplications: pairs * (key + value),
    scores: pairs,
    state: blocks === 1 ? 0 : heads * blocks * met * (key + value),
    cache: heads * Math.min(length, reach) * (key + value),
  };
}

/** BigBird's blocks: each sees `seen` of those that don't lie behind it, as far as there are. */
export function blockSparse({ length, heads, key, value }, { block, seen }) {
  const blocks = Math.ceil(length / block);
  const first = Math.min(blocks, seen);
  const met = (first * (first + 1)) / 2 + (blocks - first) * seen;
  return {
    multiplications: heads * met * block ** 2 * (key + value),
    scores: heads * met * block ** 2,
    state: heads * met * block * (key + value),
    cache: length * heads * (key + value),
  };
}

/** `rank` rows stand for all tokens. It isn't causal, so that it can't write, and keeps nothing. */
export function lowRank({ length, heads, key, value }, { rank }) {
  return {
    multiplications: 2 * heads * rank * length * (key + value),
    scores: heads * length * rank,
    state: heads * rank * (key + value),
    cache: 0,
  };
}

/** A state, brought up to date chunk by chunk; `features` are drawn at random, if that many are. */
export function linear({ length, heads, key, value }, { chunk, features }) {
  const [width, summed] = [features ?? key, value + 1];
  const chunks = Math.ceil(length / chunk);
  const steps = chunks * chunk;
  const made = features ? 2 * length * key * features : 0;
  const within = steps * chunk * (width + summed);
  return {
    multiplications: heads * (within + 2 * steps * width * summed + made),
    scores: heads * steps * chunk,
    state: heads * (chunks * width * summed + (features ? 2 * length * width : 0)),
    cache: heads * width * summed,
  };
}

/** A state that forgets. */
export function gated({ length, heads, key, value }, { chunk }) {
  const chunks = Math.ceil(length / chunk);
  const held = heads * key * value;
  const pairs = heads * chunks * chunk ** 2;
  return {
    multiplications: pairs * (key + value) + 2 * chunks * chunk * held,
    scores: pairs,
    state: chunks * held,
    cache: held,
  };
}

/** A state that forgets and corrects: it compares keys, too, and solves a system in each chunk. */
export function gatedDelta({ length, heads, key, value }, { chunk }) {
  const chunks = Math.ceil(length / chunk);
  const held = heads * key * value;
  const pairs = heads * chunks * chunk ** 2;
  const solved = heads * chunks * ((chunk * (chunk - 1)) / 2) * (key + value);
  return {
    multiplications: pairs * (2 * key + value) + solved + 3 * chunks * chunk * held,
    scores: 2 * pairs,
    state: chunks * held + heads * chunks * chunk * (key + 2 * value),
    cache: held,
  };
}

/** Each kind of the menu, with its place in it. `reach` is how many a kind reads that reads a few. */
const MENU = {
  full: (sizes) => full(sizes),
  fused: (sizes, { block }) => tiled(sizes, { block }),
  groups: (sizes) => full(sizes, { groups: Math.min(2, sizes.heads) }),
  window: (sizes, { reach }) => window(sizes, { reach }),
  bigbird: (sizes, { reach, block }) => blockSparse(sizes, { block, seen: reach / block }),
  lowRank: (sizes, { reach }) => lowRank(sizes, { rank: Math.min(reach, sizes.length) }),
  random: (sizes, { reach, block }) => linear(sizes, { chunk: block, features: reach }),
  linear: (sizes, { block }) => linear(sizes, { chunk: block }),
  gated: (sizes, { block }) => gated(sizes, { chunk: block }),
  delta: (sizes, { block }) => gatedDelta(sizes, { chunk: block }),
};

export const KINDS = Object.keys(MENU);

/**
 * What a kind takes in a model: all layers multiply and keep, one after the other holds.
 *
 * @param {string} kind one of `KINDS`
 * @param {number} length tokens
 * @param {{ heads: number, width: number, layers: number, bytes: number, reach: number,
 *   block: number }} model `width` of all heads together, `bytes` of a number
 * @returns {{ multiplications: number, held: number, kept: number }} the last two in bytes
 */
export function bill(kind, length, { heads, width, layers, bytes, reach, block }) {
  const each = width / heads;
  const cost = MENU[kind]({ length, heads, key: each, value: each }, { reach, block });
  return {
    multiplications: layers * cost.multiplications,
    held: bytes * (cost.scores + cost.state),
    kept: layers * bytes * cost.cache,
  };
}

/** The multiplications at each token by itself: four projections, a network four times as wide. */
export function rest(length, { width, layers }) {
  return layers * 12 * length * width ** 2;
}

/**
 * From which length on one line stays below another, up to the longest; null if it doesn't.
 *
 * @param {(length: number) => number} mine
 * @param {(length: number) => number} other
 * @param {number[]} lengths rising, where to look; between two of them it is found exactly if the
 *   lines cross there once, which lines with steps may do more often
 */
export function crossing(mine, other, lengths) {
  const below = (length) => mine(length) < other(length);
  let i = lengths.length - 1;
  if (!below(lengths[i])) return null;
  while (i > 0 && below(lengths[i - 1])) i -= 1;
  if (i === 0) return lengths[0];
  return 1 + lastWhere((length) => !below(length), lengths[i - 1], lengths[i]);
}

/** The last whole number from `low` on where something holds, if it holds at `low`, not at `high`. */
export function lastWhere(holds, low, high) {
  let [good, bad] = [low, high];
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (holds(middle)) good = middle;
    else bad = middle;
  }
  return good;
}

/** The Mersenne twister of PyTorch's CPU generator, so that a seed draws the same here and there. */

const [SIZE, SHIFT] = [624, 397];

/**
 * Random 32-bit numbers, as `torch.Generator().manual_seed(seed)` gives them.
 *
 * Matsumoto and Nishimura (1998), MT19937.
 *
 * @param {number} seed from 0 to 2**32 - 1
 * @returns {() => number}
 */
export function twister(seed) {
  const state = new Uint32Array(SIZE);
  state[0] = seed;
  for (let i = 1; i < SIZE; i += 1)
    state[i] = Math.imul(1_812_433_253, state[i - 1] ^ (state[i - 1] >>> 30)) + i;
  let at = SIZE;
  return () => {
    if (at === SIZE) {
      twist(state);
      at = 0;
    }
    let y = state[at];
    at += 1;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  };
}

function twist(state) {
  for (let i = 0; i < SIZE; i += 1) {
    const y = (state[i] & 0x80000000) | (state[(i + 1) % SIZE] & 0x7fffffff);
    state[i] = state[(i + SHIFT) % SIZE] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
  }
}

/** The numbers below `count` in random order, as `torch.randperm(count, generator=…)`. */
export function permutation(count, random) {
  const order = [...Array(count).keys()];
  for (let i = 0; i < count - 1; i += 1) {
    const j = i + (random() % (count - i));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

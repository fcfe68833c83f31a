"""How much slower than usual a page computes: what a budget in milliseconds is multiplied by.

The budgets hold for a machine of two cores that does nothing else. On a slower one, or beside other
work, the same sums take longer, and so does all else.
"""

USUAL = 30.0
"""Milliseconds that `SUMS` take on the machine that the budgets are for."""

SUMS = """() => {
  const size = 240;
  const matrix = (k) => Float32Array.from({ length: size * size }, (_, i) => i % k);
  const [a, b, c] = [matrix(7), matrix(14), matrix(21)];
  let best = Infinity;
  for (let time = 0; time < 7; time += 1) {
    const start = performance.now();
    for (let i = 0; i < size; i += 1)
      for (let j = 0; j < size; j += 1) {
        let sum = 0;
        for (let k = 0; k < size; k += 1) sum += a[i * size + k] * b[k * size + j];
        c[i * size + j] = sum;
      }
    best = Math.min(best, performance.now() - start);
  }
  return best;
}"""


def slowness(page):
    """Return by which factor a page is slower than usual, at least 1."""
    return max(1.0, page.evaluate(SUMS) / USUAL)

/** The cost calculator counts as the package does; lines cross and memory ends where it says. */

import assert from "node:assert/strict";
import { test } from "node:test";

import * as costs from "../../src/course/browser/figures/attention-costs.mjs";
import { nearest } from "../../src/course/browser/figures/cost-values.mjs";
import { bytes, power } from "../../src/course/browser/figures/format.mjs";
import { spread } from "../../src/course/browser/figures/spread.mjs";
import { fixture } from "./fixtures.mjs";

test("every formula is that of course.ops.efficient.costs", () => {
  for (const { formula, sizes, options, expected } of fixture("costs.json").formulas)
    assert.deepEqual(costs[formula](sizes, options), expected, `${formula} ${options}`);
});

test("the menu has the package's kinds, a model's layers, and its bytes", () => {
  for (const { length, model, expected } of fixture("costs.json").menus) {
    assert.deepEqual(costs.KINDS, Object.keys(expected));
    for (const kind of costs.KINDS)
      assert.deepEqual(costs.bill(kind, length, model), expected[kind], `${kind} at ${length}`);
  }
});

test("half of a layer's multiplications are between the words at six times the width", () => {
  const model = { heads: 8, width: 512, layers: 3, bytes: 2, reach: 256, block: 64 };
  const between = costs.bill("full", 6 * 512, model).multiplications;
  assert.equal(between, costs.rest(6 * 512, model));
});

test("a crossing is the first length from which a line stays below", () => {
  const lengths = [1, 10, 100, 1000];
  const square = (n) => n * n;
  assert.equal(
    costs.crossing((n) => 50 * n, square, lengths),
    51,
  );
  assert.equal(
    costs.crossing((n) => n * n, square, lengths),
    null,
  );
  assert.equal(
    costs.crossing((n) => n / 2, square, lengths),
    1,
  );
  // below at 10, above at 100, below at 1000: only the last crossing counts
  const late = (n) => (n === 100 || n > 900 ? (n > 900 ? 1 : 1e5) : n > 100 ? 1e9 : 50);
  assert.equal(costs.crossing(late, square, lengths), 901);
});

test("the last length for which there is room", () => {
  assert.equal(
    costs.lastWhere((n) => n * n <= 1e6, 1, 2 ** 20),
    1000,
  );
});

test("only what was measured near a length is shown for it", () => {
  const points = [
    [128, 1],
    [256, 2],
    [512, 3],
  ];
  assert.deepEqual(nearest(points, 300), [256, 2]);
  assert.deepEqual(nearest(points, 700), [512, 3]);
  assert.equal(nearest(points, 800), null);
  assert.equal(nearest([], 128), null);
});

test("labels make room for one another and keep their order", () => {
  assert.deepEqual(spread([10, 10, 40], 15, 0, 100), [10, 25, 40]);
  assert.deepEqual(spread([99, 98, 0], 10, 0, 100), [100, 90, 0]);
  assert.deepEqual(spread([], 10, 0, 100), []);
});

test("amounts can be read", () => {
  assert.equal(bytes(1023), "1023 B");
  assert.equal(bytes(1024), "1 KiB");
  assert.equal(bytes(64 * 2 ** 30), "64 GiB");
  assert.equal(bytes(1.5 * 2 ** 40), "1.5 TiB");
  assert.equal(power(8.79e12, 1), "8.8·10¹²");
});

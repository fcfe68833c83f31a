/** Where a length lies among what was measured. */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  corners,
  most,
  nearest,
  outline,
  pointAt,
} from "../../src/course/browser/figures/measured.mjs";

const RANGES = [
  { words: [1, 4], vector: [0.5, null, null], attention: [0.4, 0.3, 0.45] },
  { words: [5, 8], vector: [0.7, null, null], attention: [0.4, 0.35, 0.5] },
];
const LENGTHS = [{ words: [4, 4], vector: [0.2, 0.1, 0.3], attention: [0.1, 0, 0.2] }];

test("a length belongs to the range that holds it, ends included, or to none", () => {
  assert.equal(pointAt(RANGES, 1), RANGES[0]);
  assert.equal(pointAt(RANGES, 4), RANGES[0]);
  assert.equal(pointAt(RANGES, 5), RANGES[1]);
  assert.equal(pointAt(RANGES, 9), null);
  assert.equal(pointAt(LENGTHS, 5), null);
});

test("a range is a level stretch without a gap to the next, a length is one place", () => {
  const values = corners(RANGES, (point) => point.vector[0]);
  assert.deepEqual(values, [
    [0.5, 0.5],
    [4.5, 0.5],
    [4.5, 0.7],
    [8.5, 0.7],
  ]);
  assert.deepEqual(
    corners(LENGTHS, (point) => point.attention[0]),
    [[4, 0.1]],
  );
});

test("an interval is walked around, and where it has no ends nothing is shaded", () => {
  assert.equal(outline(RANGES, "vector"), null);
  assert.deepEqual(outline(LENGTHS, "vector"), [
    [4, 0.1],
    [4, 0.3],
  ]);
  assert.deepEqual(outline(RANGES, "attention").at(-1), [0.5, 0.45]);
});

test("the nearest and the largest", () => {
  assert.equal(nearest([4, 8, 12], 9), 1);
  assert.equal(nearest([4, 8, 12], 99), 2);
  assert.equal(most([3, 9, 1]), 1);
});

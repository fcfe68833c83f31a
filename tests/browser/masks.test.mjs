/** The masks that the figure computes are the package's. */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  count,
  heardAfter,
  levels,
  maskOf,
  runs,
  spread,
} from "../../src/course/browser/figures/masks.mjs";
import { permutation, twister } from "../../src/course/browser/figures/twister.mjs";
import { fixture } from "./fixtures.mjs";

const { cases, permutations } = fixture("masks.json");

/** A mask as Python wrote it: a string of 0 and 1 for each row. */
const drawn = (mask) => mask.map((row) => row.map(Number).join(""));

test("a seed draws what PyTorch draws", () => {
  assert.ok(permutations.length > 0);
  for (const { seed, orders } of permutations) {
    const random = twister(seed);
    for (const order of orders) assert.deepEqual(permutation(order.length, random), order);
  }
});

test("masks, and how many pairs they show", () => {
  assert.ok(cases.length > 0);
  for (const { pattern, length, seed, mask, pairs } of cases) {
    const found = maskOf(pattern, length, seed);
    assert.deepEqual(drawn(found), mask, JSON.stringify({ pattern, length, seed }));
    assert.equal(count(found), pairs);
  }
});

test("how far news travels", () => {
  for (const { pattern, length, seed, word, layers, heard, last } of cases) {
    const mask = maskOf(pattern, length, seed);
    const found = heardAfter(mask, layers);
    assert.deepEqual(drawn(found), heard, JSON.stringify({ pattern, length, seed, layers }));
    const down = levels(mask, word, layers);
    assert.equal(down.length, layers + 1);
    assert.equal(drawn([down[0]])[0].indexOf("1"), word);
    assert.deepEqual(drawn([down[1], down.at(-1)]), drawn([mask[word], found[word]]));
    if (!last) continue;
    const end = spread(mask);
    assert.deepEqual([end.layers, drawn(end.heard)], [last.layers, last.heard]);
  }
});

test("stretches of a row", () => {
  const row = (digits) => [...digits].map((digit) => digit === "1");
  assert.deepEqual(runs(row("0110100")), [
    [1, 2],
    [4, 4],
  ]);
  assert.deepEqual(runs(row("111")), [[0, 2]]);
  assert.deepEqual(runs(row("000")), []);
  assert.deepEqual(runs([]), []);
});

/** The attention that figures compute is the package's. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { attend, headOf, maskOf, softmax } from "../../src/course/browser/figures/attention.mjs";
import { close, fixture } from "./fixtures.mjs";

test("weights and reads are those of scaled_dot_product_attention", () => {
  for (const { query, key, value, mask, scale, weights, read } of fixture("attention.json")) {
    const found = attend(query, key, value, { mask, scale });
    close(found.weights.flat(), weights.flat());
    close(found.read.flat(), read.flat());
  }
});

test("a row in which all is hidden has no weight, and huge scores overflow nothing", () => {
  assert.deepEqual(softmax([-Infinity, -Infinity]), [0, 0]);
  assert.deepEqual(softmax([2000, 0]), [1, 0]);
});

test("masks and heads", () => {
  assert.deepEqual(maskOf("causal", 2), [
    [true, false],
    [true, true],
  ]);
  assert.deepEqual(maskOf("padding", 2), [
    [true, false],
    [true, false],
  ]);
  assert.deepEqual(headOf([[1, 2, 3, 4]], 1, 2), [[3, 4]]);
});

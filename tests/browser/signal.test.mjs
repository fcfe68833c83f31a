import assert from "node:assert/strict";
import { test } from "node:test";

import { levels, strongest } from "../../src/course/browser/figures/signal.mjs";

test("each level is one path of runs, and paper is none", () => {
  assert.deepEqual(levels(["0110", "00f1"]), [
    { level: 1, d: "M1 0h2v1h-2zM3 1h1v1h-1z" },
    { level: 15, d: "M2 1h1v1h-1z" },
  ]);
  assert.deepEqual(levels(["000", "000"]), []);
});

test("the strongest come first, and there is always one", () => {
  assert.deepEqual(strongest([0.1, 0.6, 0.05, 0.25], 0.1), [1, 3, 0]);
  assert.deepEqual(strongest([0.02, 0.05, 0.01], 0.1), [1]);
});

/** What Python wrote for these tests: expected results, and where the exported models are. */

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { Tokenizer } from "../../src/course/browser/tokenizer.mjs";

const folder = process.env.COURSE_FIXTURES;
if (!folder)
  throw new Error("run these through pytest: tests/test_browser.py writes what they expect");

export function fixture(name) {
  return JSON.parse(readFileSync(join(folder, name), "utf-8"));
}

export function readTokenizer() {
  return new Tokenizer(JSON.parse(readFileSync(fixture("paths.json").tokenizer, "utf-8")));
}

/** The first few differences between two lists, so that a failure can be read. */
export function differences(found, expected, label) {
  const wrong = [];
  expected.forEach((value, i) => {
    const ours = JSON.stringify(found[i]);
    if (ours !== JSON.stringify(value))
      wrong.push(`${label(i)}: ${ours} not ${JSON.stringify(value)}`);
  });
  return wrong.slice(0, 10);
}

/** Two lists of numbers are alike to within rounding. */
export function close(found, expected, tolerance = 1e-9) {
  if (found.length !== expected.length) throw new Error(`${found.length} not ${expected.length}`);
  found.forEach((value, i) => {
    if (!(Math.abs(value - expected[i]) <= tolerance * (1 + Math.abs(expected[i]))))
      throw new Error(`${i}: ${value} not ${expected[i]}`);
  });
}

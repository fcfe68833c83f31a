/** The race: its clock, its pace, and its cells. */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  cells,
  duration,
  share,
  slowMotion,
  wordByWord,
} from "../../src/course/browser/figures/race.mjs";

test("slow motion is a round factor, and no race takes longer than it may", () => {
  assert.equal(slowMotion(12_651, 8), 500);
  assert.equal(slowMotion(8_000_000, 8), 1);
  for (let total = 100; total < 1e6; total *= 1.37) {
    const factor = slowMotion(total, 8);
    const seconds = (factor * total) / 1e6;
    assert.ok(seconds <= 8 && seconds > 3.1, `${total} µs are shown in ${seconds} s`);
    assert.match(String(factor), /^[125]0*$/);
  }
});

test("one word after the other, in training there and back", () => {
  assert.deepEqual(wordByWord("prefill", 8, 0), { there: 0, back: 0 });
  assert.deepEqual(wordByWord("prefill", 8, 0.5), { there: 4, back: 0 });
  assert.deepEqual(wordByWord("generation", 64, 1), { there: 64, back: 0 });
  assert.deepEqual(wordByWord("training", 8, 0.5), { there: 8, back: 0 });
  assert.deepEqual(wordByWord("training", 8, 0.75), { there: 8, back: 4 });
  assert.deepEqual(wordByWord("training", 8, 1), { there: 8, back: 8 });
});

test("a share of the time stays between nothing and all", () => {
  assert.equal(share(5, 10), 0.5);
  assert.equal(share(15, 10), 1);
  assert.equal(share(-1, 10), 0);
});

test("all cells fit, on a phone and on a desk", () => {
  for (const width of [290, 321, 728, 1200])
    for (const count of [16, 32, 64, 128, 256, 512]) {
      const { columns, side } = cells(count, width, 110, 22);
      assert.ok(columns * side <= width, `${count} in ${width}`);
      assert.ok(side >= 4 && side <= 22, `${count} in ${width}: side ${side}`);
      assert.ok(Math.ceil(count / columns) * side <= 110);
    }
});

test("times in a unit that can be read", () => {
  assert.equal(duration(0), "0 µs");
  assert.equal(duration(850.4), "850 µs");
  assert.equal(duration(12_651), "12.7 ms");
  assert.equal(duration(154_800), "155 ms");
  assert.equal(duration(1_900_000), "1.9 s");
});

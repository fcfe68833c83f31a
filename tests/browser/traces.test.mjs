/** What the figure "teacher forcing" shows of what was recorded from a model. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { plantedAt, traces } from "../../src/course/browser/figures/traces.mjs";
import { fixture } from "./fixtures.mjs";

const sentences = fixture("sentences.json");
const each = (look) => sentences.forEach((sentence) => look(sentence, traces(sentence, null)));

test("free-running the words read are the words written, one step later", () => {
  each((sentence, { free }) => {
    assert.deepEqual(
      free.steps.map((step) => step.reads),
      ["", ...sentence.free.words.slice(0, -1)],
    );
    assert.equal(free.missed, sentence.free.missed);
  });
});

test("teacher-forced the words read are the reference's", () => {
  each((sentence, { forced }) => {
    assert.deepEqual(
      forced.steps.map((step) => step.reads),
      ["", ...sentence.reference.slice(0, -1)],
    );
    assert.equal(forced.missed, sentence.forced.missed);
    assert.deepEqual(
      forced.steps.map((step) => step.wrong),
      sentence.reference.map((_, i) => sentence.forced.wrong.includes(i)),
    );
  });
});

test("behind a mistake nothing changes teacher-forced, and free-running it is read", () => {
  for (const sentence of sentences)
    for (const planted of sentence.planted) {
      const { place } = planted;
      const [before, after] = [traces(sentence, null), traces(sentence, planted)];
      const behind = ({ forced }) => forced.steps.slice(place + 1).map((step) => step.writes);
      assert.deepEqual(behind(after), behind(before));
      assert.equal(
        after.free.steps[place + 1]?.reads ?? planted.words[place],
        planted.words[place],
      );
      assert.equal(after.free.missed, planted.missed);
      assert.deepEqual(
        after.free.steps.map((step) => step.writes),
        planted.words,
      );
      assert.equal(after.free.steps.filter((step) => step.planted).length, 1);
      if (place >= sentence.reference.length) continue;
      assert.equal(after.forced.steps[place].writes, planted.words[place]);
      const mended = [...after.forced.steps.keys()].filter((i) => after.forced.steps[i].mended);
      assert.deepEqual(mended, place + 1 < sentence.reference.length ? [place + 1] : []);
    }
});

test("an end that is missed is no word that is missed", () => {
  const sentence = {
    reference: ["a", "b", ""],
    forced: { words: ["a", "c", "d"], percent: [90, 50, 40] },
    free: { words: [], percent: [], wrong: [], missed: 0 },
  };
  const { forced } = traces(sentence, null);
  assert.equal(forced.missed, 1);
  assert.deepEqual(
    forced.steps.map((step) => step.wrong),
    [false, true, true],
  );
});

test("a mistake where the reference has no place leaves teacher forcing as it was", () => {
  const [sentence] = sentences;
  const beyond = { ...sentence.planted[0], place: sentence.reference.length };
  assert.deepEqual(traces(sentence, beyond).forced, traces(sentence, null).forced);
});

test("a planted output is found by place and kind", () => {
  const [sentence] = sentences;
  assert.equal(plantedAt(sentence, 1, "third").words.length > 1, true);
  assert.equal(plantedAt(sentence, 1, "third").place, 1);
  assert.equal(plantedAt(sentence, 99, "third"), null);
});

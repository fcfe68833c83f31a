import assert from "node:assert/strict";
import { test } from "node:test";

import { Tokenizer } from "../../src/course/browser/tokenizer.mjs";
import { differences, fixture, readTokenizer } from "./fixtures.mjs";

const tokenizer = readTokenizer();
const { texts, ids: sequences } = fixture("tokenizer.json");

test(`${texts.length} texts: normal form, ids, pieces and words are Python's`, () => {
  const label = (i) => JSON.stringify(texts[i].text.slice(0, 60));
  for (const [key, compute] of [
    ["normal", (text) => tokenizer.normalise(text)],
    ["ids", (text) => tokenizer.encode(text)],
    ["tokens", (text) => tokenizer.tokens(text)],
    ["words", (text) => tokenizer.wordIds(text)],
  ]) {
    const found = texts.map(({ text }) => compute(text));
    const expected = texts.map((each) => each[key]);
    assert.deepEqual(differences(found, expected, label), [], key);
  }
});

test(`${sequences.length} sequences of ids: texts and words are Python's`, () => {
  const label = (i) => JSON.stringify(sequences[i].ids.slice(0, 20));
  for (const [key, compute] of [
    ["text", (ids) => tokenizer.decode(ids)],
    ["words", (ids) => tokenizer.generatedWords(ids)],
  ]) {
    const found = sequences.map(({ ids }) => compute(ids));
    const expected = sequences.map((each) => each[key]);
    assert.deepEqual(differences(found, expected, label), [], key);
  }
});

test("what was encoded comes back in its normal form", () => {
  for (const { text } of texts) {
    assert.equal(tokenizer.decode(tokenizer.encode(text)), tokenizer.normalise(text));
  }
});

test("ids outside the vocabulary and files of another kind are refused", () => {
  assert.throws(() => tokenizer.decode([tokenizer.size]), { code: "notAnId" });
  assert.throws(() => tokenizer.decode([-1]), { code: "notAnId" });
  assert.throws(() => new Tokenizer({}), { code: "notATokenizer" });
});

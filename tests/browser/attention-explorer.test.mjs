/** Gold links are counted, and weights become those of words, as in Python. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { attentionTable, goldHits } from "../../src/course/browser/figures/attention-data.mjs";
import { unpackWeights } from "../../src/course/browser/figures/recorded-translations.mjs";
import { close, fixture } from "./fixtures.mjs";

const MEAN = { layer: null, head: null };
const { sentences, counts, tables } = fixture("attention-explorer.json");

function each(check) {
  sentences.forEach((sentence, i) => {
    for (const [name, weights] of Object.entries(sentence.weights))
      check({ ...sentence, weights: unpackWeights(weights) }, i, name);
  });
}

test("words have the weights that course.metrics.word_weights gives them", () => {
  each((reading, i, name) => {
    const { values } = attentionTable(reading, { ...MEAN, unit: "words" });
    const inner = values.slice(0, -1).map((row) => row.slice(0, -1));
    close(inner.flat(), tables[i][name].flat(), 1e-6);
  });
});

test("the strongest words that are gold are counted", () => {
  each((reading, i, name) => {
    const { right, words } = goldHits(reading, MEAN);
    assert.equal(right, counts[i][name]);
    assert.equal(words, reading.target.text.split(" ").length);
  });
});

test("gold cells are the links, and none where there are none to show", () => {
  each((reading) => {
    const { gold } = attentionTable(reading, { ...MEAN, unit: "words" });
    assert.equal(gold.flat().filter(Boolean).length, reading.gold.length);
    for (const [source, target] of reading.gold) assert.ok(gold[target][source]);
    const without = attentionTable({ ...reading, gold: null }, { ...MEAN, unit: "pieces" });
    assert.equal(without.gold, null);
  });
});

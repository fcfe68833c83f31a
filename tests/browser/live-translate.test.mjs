import assert from "node:assert/strict";
import { test } from "node:test";

import {
  attentionTable,
  mostWatched,
  sizes,
} from "../../src/course/browser/figures/attention-data.mjs";
import { nodeOf, pathTo, standings, textOf } from "../../src/course/browser/figures/beam-data.mjs";
import { lengthWarning } from "../../src/course/browser/figures/length-warning.mjs";
import { siteFolder } from "../../src/course/browser/figures/live-models.mjs";
import { pack, unpack } from "../../src/course/browser/figures/recorded-translations.mjs";
import { STRINGS } from "../../src/course/browser/figures/strings/live-translate.mjs";
import { fixture } from "./fixtures.mjs";

const { recordings, lengths } = fixture("live-translate.json");

// "a blue car" is read in four pieces and an end; "bleue" is written in two
const source = {
  text: "a blue car",
  pieces: ["▁a", "▁bl", "ue", "▁car", "</s>"],
  words: [0, 1, 1, 2],
};
const target = { text: "auto bleue", pieces: ["▁auto", "▁bleu", "e", "</s>"], words: [0, 1, 1] };
const row = (...heads) => ({
  layers: 1,
  heads: 2,
  source: 5,
  data: Float32Array.from(heads.flat()),
});
const weights = [
  row([0, 0, 0, 1, 0], [0.5, 0, 0, 0.5, 0]),
  row([0, 0.5, 0.5, 0, 0], [0, 0.25, 0.25, 0.5, 0]),
  row([0, 1, 0, 0, 0], [0, 0, 0, 1, 0]),
  row([0, 0, 0, 0, 1], [0, 0, 0, 0, 1]),
];

test("pieces become words: summed over those read, averaged over those written", () => {
  const { rows, columns, values } = attentionTable(
    { source, target, weights },
    { layer: null, head: null, unit: "words" },
  );
  assert.deepEqual(
    columns.map(({ label }) => label),
    ["a", "blue", "car", "·</s>"],
  );
  assert.deepEqual(
    rows.map(({ label, end }) => [label, end]),
    [
      ["auto", false],
      ["bleue", false],
      ["·</s>", true],
    ],
  );
  assert.deepEqual(values, [
    [0.25, 0, 0.75, 0],
    [0, 0.625, 0.375, 0],
    [0, 0, 0, 1],
  ]);
});

test("a head by itself, and pieces as they are", () => {
  const chosen = { layer: 0, head: 1, unit: "pieces" };
  const { rows, columns, values } = attentionTable({ source, target, weights }, chosen);
  assert.deepEqual(
    columns.map(({ label }) => label),
    ["a", "bl", "·ue", "car", "·</s>"],
  );
  assert.equal(rows.length, 4);
  assert.deepEqual(values[1], [0, 0.25, 0.25, 0.5, 0]);
  assert.deepEqual(sizes({ weights }), { layers: 1, heads: 2 });
  assert.deepEqual(mostWatched([0.02, 0.9, 0.08]), [
    [1, 0.9],
    [2, 0.08],
  ]);
});

test("every recording can be drawn: rows sum to one, the output is in the tree", () => {
  for (const recording of recordings) {
    const { source, translations, steps } = unpack(recording);
    const [best] = translations;
    const label = `${recording.model} ${recording.text}`;
    const [step, place] = nodeOf(steps, best);
    assert.equal(textOf(steps, step, place), best.text, label);
    assert.equal(pathTo(steps, step, place).length, best.tokens.length + 1, label);
    const [first] = standings(steps, steps.length).filter(({ status }) => status === "finished");
    assert.deepEqual([first.step, first.place], [step, place], label);
    if (!best.weights) continue;
    const chosen = { layer: null, head: null, unit: "words" };
    const { rows, columns, values } = attentionTable(
      { source, target: best, weights: best.weights },
      chosen,
    );
    assert.equal(columns.length, source.text.split(" ").length + 1, label);
    assert.equal(rows.length, best.text.split(" ").length + 1, label);
    for (const shares of values) {
      const sum = shares.reduce((a, b) => a + b);
      assert.ok(Math.abs(sum - 1) < 0.02, `${label}: ${sum}`);
    }
  }
});

test("what is packed comes back", () => {
  for (const recording of recordings) {
    const { model, text, beam, alpha } = recording;
    assert.deepEqual(pack(unpack(recording), { model, text, beam, alpha }), recording);
  }
});

test("the warning comes where the record has the classic model fail, for that model alone", () => {
  const classic = ["tatoeba-en-fr-bahdanau", "tatoeba-en-fr-gru"];
  const warn = (words, names = classic) => lengthWarning({ words, names, lengths }, STRINGS);
  assert.equal(warn(lengths.first - 1), null);
  assert.match(warn(lengths.first), new RegExp(`^${lengths.first} words are many for one vector`));
  assert.equal(warn(lengths.first, ["tatoeba-en-fr-transformer"]), null);
  assert.match(warn(lengths.bins.at(-1).high + 1), /expect nonsense/);
  for (let words = lengths.first; words < 50; words++) assert.doesNotMatch(warn(words), /[{}]/);
});

test("a module that was inlined knows that no site lies around it", () => {
  assert.equal(siteFolder("data:text/javascript;base64,QQ=="), null);
  assert.equal(siteFolder("blob:http://127.0.0.1/0a1b"), null);
  const folder = "http://127.0.0.1/_static/live/";
  assert.equal(siteFolder(`${folder}browser/figures/live-models.mjs`), folder);
});

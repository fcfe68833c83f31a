/** Small languages are searched as the package searches them, and the listed best is the exact one. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { followed, searched } from "../../src/course/browser/figures/table-language.mjs";
import { close, fixture } from "./fixtures.mjs";

const cases = fixture("beam-tree.json");
const textOf = ({ words }, tokens) => tokens.map((token) => words[token]).join(" ");

test("beam, greedy and exact search find what course.decoding finds", async () => {
  assert.ok(cases.length >= 50);
  for (const { language, beam, alpha, ...wanted } of cases) {
    const found = await searched(language, { beam, alpha });
    const asked = `${language.name}, beam ${beam}, alpha ${alpha}`;
    assert.equal(textOf(language, found.hypothesis.tokens), wanted.output, asked);
    assert.equal(textOf(language, found.exact), wanted.exact, asked);
    assert.equal(textOf(language, found.greedy), wanted.greedy, asked);
    close([found.hypothesis.score, found.all[0].score], [wanted.score, wanted.best], 1e-5);
  }
});

test("a path is followed as far as the tree holds it", async () => {
  const [{ language }] = cases;
  const { steps, greedy, exact } = await searched(language, { beam: 1, alpha: 0 });
  assert.deepEqual(followed(steps, greedy).nodes.at(-1), [greedy.length, 0]);
  assert.equal(followed(steps, greedy).lost, null);
  // the other first word is looked at and dropped
  assert.deepEqual(followed(steps, exact), { nodes: [[0, 1]], lost: 0 });
});

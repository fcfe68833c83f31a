import assert from "node:assert/strict";
import { test } from "node:test";

import { beamSearch, greedy } from "../../src/course/browser/search.mjs";
import { translate } from "../../src/course/browser/translate.mjs";
import { openModel } from "../../tools/open_model.mjs";
import { fixture } from "./fixtures.mjs";

const TIE = 1e-4; // nats: outputs whose scores differ by less are equally good
const { models } = fixture("paths.json");

for (const { name, searches } of fixture("translations.json")) {
  test(`${name}: ${searches.length} searches find what Python finds`, async () => {
    const { engine, manifest } = await openModel(models[name]);
    const { special } = manifest;
    const differ = [];
    for (const { ids, beam, maxLength, tokens, score, weights } of searches) {
      const { hypotheses } =
        beam === 1
          ? await greedy(engine, ids, { maxLength, special })
          : await beamSearch(engine, ids, { maxLength, beam, special });
      const [found] = hypotheses;
      if (found.tokens.join() !== tokens.join()) {
        differ.push({ ids, beam, found: found.tokens, tokens, difference: found.score - score });
        continue;
      }
      assert.ok(Math.abs(found.score - score) < 1e-4, `${beam}: ${found.score} not ${score}`);
      assert.equal(found.weights === null, weights === null);
      weights?.forEach((row, i) => {
        const ours = found.weights[i].data;
        assert.equal(ours.length, row.length);
        row.forEach((weight, j) => assert.ok(Math.abs(ours[j] - weight) < 1e-4));
      });
    }
    console.log(`${name}: ${searches.length - differ.length} of ${searches.length} equal`);
    assert.ok(differ.length <= searches.length / 100, JSON.stringify(differ.slice(0, 3)));
    assert.ok(
      differ.every(({ difference }) => Math.abs(difference) < TIE),
      JSON.stringify(differ),
    );
    await engine.release();
  });
}

test("a sentence goes in, a sentence comes out, with all that figures need", async () => {
  const { engine, manifest, tokenizer } = await openModel(models["tatoeba-en-fr-transformer"]);
  const { special } = manifest;
  const found = await translate(engine, tokenizer, "I have a blue car.", { special, beam: 4 });
  assert.equal(found.translations[0].text, "J'ai une voiture bleue.");
  assert.deepEqual(found.source.pieces, ["▁I", "▁have", "▁a", "▁bl", "ue", "▁car", ".", "</s>"]);
  const { pieces, words, weights } = found.translations[0];
  assert.equal(pieces.at(-1), "</s>");
  assert.equal(weights.length, pieces.length);
  assert.equal(words.length, pieces.length - 1);
  assert.ok(found.steps.every((step) => step.length === 8 && step[0].piece));
  for (const { layers, heads, source, data } of weights) {
    assert.deepEqual([layers, heads, source], [2, 4, found.source.ids.length]);
    for (let i = 0; i < data.length; i += source) {
      const sum = data.slice(i, i + source).reduce((a, b) => a + b);
      assert.ok(Math.abs(sum - 1) < 1e-5);
    }
  }
  const refused = await translate(engine, tokenizer, "😀", { special });
  assert.equal(refused.code, "noWords");
});

/**
 * Record what the shipped models translate, for figures that show something before a model is loaded.
 *
 *     node tools/record_translations.mjs MODELS [OUT]
 *
 * `MODELS` is a folder with the exported models, by name, as `make book` lays it:
 * `_build/html/_static/live/models`. `OUT` is by default the file of the package. Run it again after
 * the weights or the search have changed; a test compares the file with the models.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { pack } from "../src/course/browser/figures/recorded-translations.mjs";
import { translate } from "../src/course/browser/translate.mjs";
import { openModel } from "./open_model.mjs";

const OUT = fileURLToPath(new URL("../src/course/figures/translations.json", import.meta.url));
const MODELS = ["gru", "bahdanau", "luong", "transformer"].map((kind) => `tatoeba-en-fr-${kind}`);

// the same sentence goes on, so that only its length changes
const GROWING = [
  "I have a blue car.",
  "I have a blue car and my brother has a red bicycle.",
  "I have a blue car and my brother has a red bicycle, but our parents walk to work every day.",
];
// here the width of the beam and the length penalty decide
const SEARCHED = [
  "Nobody knows why she left without saying goodbye.",
  "My little sister is afraid of the big black dog.",
];
const TEXTS = [...GROWING, ...SEARCHED];
const USUAL = { beam: 4, alpha: 1 };
const OTHERS = [
  { beam: 1, alpha: 1 },
  { beam: 2, alpha: 1 },
  { beam: 8, alpha: 1 },
  { beam: 4, alpha: 0 },
  { beam: 4, alpha: 2 },
];

async function record({ engine, manifest, tokenizer }, model, text, { beam, alpha }) {
  const options = { special: manifest.special, beam, penalty: { alpha } };
  return pack(await translate(engine, tokenizer, text, options), { model, text, beam, alpha });
}

async function main([models, out = OUT]) {
  const recordings = [];
  for (const model of MODELS) {
    const opened = await openModel(join(models, model));
    for (const text of TEXTS) {
      const isSearched = SEARCHED.includes(text) && model.endsWith("transformer");
      for (const asked of [USUAL, ...(isSearched ? OTHERS : [])])
        recordings.push(await record(opened, model, text, asked));
    }
    await opened.engine.release();
  }
  const lines = recordings.map((each) => JSON.stringify(each));
  writeFileSync(out, `[\n${lines.join(",\n")}\n]\n`);
}

await main(process.argv.slice(2));

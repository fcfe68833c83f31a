/** Attention explorer: three translators, one sentence, and the links that ought to be there. */

import { goldHits } from "./attention-data.mjs";
import { AttentionView } from "./attention-view.mjs";
import { bar, choice, list, result, toggle } from "./controls.mjs";
import { figure } from "./frame.mjs";
import { unpackWeights } from "./recorded-translations.mjs";
import { STRINGS } from "./strings/attention-explorer.mjs";
import { fill } from "./words.mjs";

const MEAN = { layer: null, head: null };

export default figure("attention-explorer", ({ stage, data }) => {
  const { models, sentences } = data;
  const state = { sentence: 0, model: models[0], gold: true };
  const outcome = result();
  const view = new AttentionView({ onChoose: () => count() });

  const reading = (name) => readingOf(sentences[state.sentence], name);
  const count = () => {
    const others = models
      .filter((name) => name !== state.model)
      .map((name) => fill(STRINGS.other, { name, ...goldHits(reading(name), MEAN) }));
    const shown = reading(state.model);
    const where = placeOf(shown.weights[0], view.chosen);
    const hits = goldHits(shown, view.chosen);
    const values = { name: state.model, where, others: others.join(", "), ...hits };
    outcome.set(fill(STRINGS.result, values));
  };
  const choose = (change) => {
    Object.assign(state, change);
    const shown = reading(state.model);
    view.show(state.gold ? shown : { ...shown, gold: null });
    count();
  };
  const sentence = list({
    label: STRINGS.sentence,
    options: sentences.map(({ source }, value) => ({ value, label: source.text })),
    value: state.sentence,
    onChange: (value) => choose({ sentence: Number(value) }),
  });
  const model = choice({
    label: STRINGS.model,
    options: models.map((value) => ({ value, label: value })),
    value: state.model,
    onChange: (value) => choose({ model: value }),
  });
  const gold = toggle({
    label: STRINGS.gold,
    value: state.gold,
    onChange: (value) => choose({ gold: value }),
  });
  stage.append(bar(sentence), bar(model, gold), view.el, outcome.el);
  choose({});
});

/** What one model looks at in one sentence, as the view of attention wants it. */
export function readingOf({ source, target, gold, weights }, name) {
  return { name, source, target, gold, weights: unpackWeights(weights[name]) };
}

/** Which layer and head are looked at, in words. */
function placeOf({ layers, heads }, { layer, head }) {
  if (layers * heads === 1) return STRINGS.only;
  const values = { layer: layer + 1, head: head + 1 };
  if (layer === null && head === null) return STRINGS.mean;
  if (head === null) return fill(STRINGS.layer, values);
  return fill(layer === null ? STRINGS.head : STRINGS.layerHead, values);
}

/** What the figure "two attentions" says: of a step, and of how a part's numbers come about. */

import { LAST, ORDER } from "./attention-flow.mjs";
import { fixed, percent, vector } from "./format.mjs";
import { additive, general } from "./scores.mjs";
import { STRINGS } from "./strings/two-attentions.mjs";
import { fill } from "./words.mjs";

/** One or two sentences about the moment: what either decoder has just computed. */
export function said(data, { row, shown }) {
  const count = fill(STRINGS.step, { step: row + 1, steps: LAST + 1 });
  const last = data.target[shown - 1];
  if (row === 0) return `${count} ${fill(STRINGS.does.start, { last })}`;
  const sentences = Object.keys(ORDER).map((kind) => {
    const step = data.steps[kind][shown];
    const [most, best] = [step.weights, step.predicted].map((all) => all.indexOf(Math.max(...all)));
    return fill(STRINGS.does[kind][ORDER[kind][row]], {
      last,
      most: data.source[most],
      weight: fixed(step.weights[most]),
      context: vector(step.context),
      best: data.target[best],
      share: percent(step.predicted[best]),
    });
  });
  return [count, ...sentences].join(" ");
}

/** How the numbers of a part come about, line by line. */
export function worked(kind, name, data, shown) {
  const step = data.steps[kind][shown];
  const vectors = ["word", "previous", "context", "state"].map((each) => [
    each,
    vector(step[each]),
  ]);
  const words = { last: data.target[shown - 1], ...Object.fromEntries(vectors) };
  const how = STRINGS.how[name];
  if (name === "memory")
    return data.source.map((source, i) => fill(how, { source, output: vector(data.outputs[i]) }));
  if (name === "scores") return data.source.map((source, i) => score(kind, source, i, data, step));
  if (name === "weights") {
    const numbers = (i) => ({ score: fixed(step.scores[i]), weight: fixed(step.weights[i]) });
    const lines = data.source.map((source, i) => fill(how, { source, ...numbers(i) }));
    return [STRINGS.how.softmax, ...lines];
  }
  if (name === "context") {
    const terms = step.weights.map((weight, i) => `${fixed(weight)}·${vector(data.outputs[i])}`);
    return [fill(how, { terms: terms.join(" + "), context: words.context })];
  }
  if (name === "predicted")
    return [
      fill(STRINGS.how.from, words),
      ...data.target.map((target, i) => fill(how, { target, share: percent(step.predicted[i]) })),
    ];
  return [fill(typeof how === "string" ? how : how[kind], words)];
}

function score(kind, source, i, { outputs, learnt }, step) {
  if (kind === "luong") {
    const { key, score: found } = general(step.state, outputs[i], learnt.luong);
    const [q, k] = [step.state, key].map((each) => vector(each));
    return fill(STRINGS.how.general, { source, q, key: k, score: fixed(found) });
  }
  const { inside, bent, score: found } = additive(step.previous, outputs[i], learnt.bahdanau);
  return fill(STRINGS.how.additive, {
    source,
    inside: vector(inside),
    bent: vector(bent),
    v: vector(learnt.bahdanau.v),
    score: fixed(found),
  });
}

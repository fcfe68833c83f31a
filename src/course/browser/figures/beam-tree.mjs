/** Beam tree: a whole small language searched live; step, widen, change the length penalty. */

import { BeamView } from "./beam-view.mjs";
import { bar, choice, result, slider } from "./controls.mjs";
import { html } from "./dom.mjs";
import { fixed } from "./format.mjs";
import { figure } from "./frame.mjs";
import { STRINGS } from "./strings/beam-tree.mjs";
import { followed, searched } from "./table-language.mjs";
import { fill } from "./words.mjs";

const BEAMS = [1, 2, 3, 4, 5];

export default figure("beam-tree", ({ stage, data }) => {
  const { languages } = data;
  const state = { language: 0, beam: data.beam, alpha: data.alpha };
  const view = new BeamView();
  const table = html("div", {
    class: "s2s-scroll",
    tabindex: "0",
    role: "group",
    "aria-label": STRINGS.all,
  });
  const outcome = result();
  let asked = 0;

  const choose = async (change) => {
    Object.assign(state, change);
    asked += 1;
    const mine = asked;
    const found = await searched(languages[state.language], state);
    if (mine !== asked) return; // the reader has chosen something else
    view.show({ ...found, marks: marksOf(found) });
    table.replaceChildren(tableOf(found));
    outcome.set(conclusion(found, state.beam));
  };
  const language = choice({
    label: STRINGS.language,
    options: languages.map(({ name }, value) => ({ value, label: name })),
    value: state.language,
    onChange: (value) => choose({ language: value }),
  });
  const beam = choice({
    label: STRINGS.beam,
    options: BEAMS.map((value) => ({ value, label: String(value) })),
    value: state.beam,
    onChange: (value) => choose({ beam: value }),
  });
  const alpha = slider({
    label: STRINGS.alpha,
    min: 0,
    max: 2,
    step: 0.1,
    value: state.alpha,
    format: (value) => fixed(value, 1),
    onChange: (value) => choose({ alpha: value }),
  });
  stage.append(bar(language, beam), bar(alpha), outcome.el, view.el, table);
  choose({});
});

function marksOf({ steps, greedy, exact }) {
  const { greedySign, greedyLabel, exactSign, exactLabel } = STRINGS;
  return [
    { sign: greedySign, label: greedyLabel, nodes: followed(steps, greedy).nodes },
    { sign: exactSign, label: exactLabel, nodes: followed(steps, exact).nodes },
  ];
}

/** Every sentence with its score, and who finds it. */
function tableOf({ all, greedy, hypothesis }) {
  const head = STRINGS.columns.map((name) => html("th", { scope: "col" }, name));
  const rows = all.map(({ tokens, text, p, logProb, score }, rank) => {
    const isOutput = same(tokens, hypothesis.tokens);
    const by = [];
    if (isOutput) by.push(STRINGS.output);
    if (same(tokens, greedy)) by.push(`${STRINGS.greedySign} ${STRINGS.greedyLabel}`);
    if (rank === 0) by.push(`${STRINGS.exactSign} ${STRINGS.exactLabel}`);
    const numbers = [fixed(p, 3), fixed(logProb), fixed(score), by.join(", ")];
    return html(
      "tr",
      { class: isOutput && "s2s-on" },
      html("th", { scope: "row", lang: "fr" }, text || STRINGS.nothing),
      ...numbers.map((cell) => html("td", {}, cell)),
    );
  });
  return html(
    "table",
    { class: "s2s-sentences" },
    html("thead", {}, html("tr", {}, ...head)),
    html("tbody", {}, ...rows),
  );
}

function conclusion({ steps, all, exact, hypothesis }, beam) {
  const [best] = all;
  const said = { beam, count: all.length, exact: best.text, best: fixed(best.score) };
  if (same(exact, hypothesis.tokens)) return fill(STRINGS.found, { ...said, score: said.best });
  const found = all.find(({ tokens }) => same(tokens, hypothesis.tokens));
  const { lost } = followed(steps, exact);
  const isLost = lost !== null && lost < steps.length;
  const why = isLost ? fill(STRINGS.lost, { step: lost + 1 }) : STRINGS.stopped;
  return fill(STRINGS.missed, { ...said, output: found.text, score: fixed(found.score), why });
}

function same(a, b) {
  return a.join(" ") === b.join(" ");
}

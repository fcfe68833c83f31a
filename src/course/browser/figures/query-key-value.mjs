/** Query, key, value: a few tokens ask one another, and every number on the way is shown. */

import { attend, headOf, maskOf } from "./attention.mjs";
import { bar, button, choice, numberBox, result, toggle } from "./controls.mjs";
import { html } from "./dom.mjs";
import { number, vector } from "./format.mjs";
import { figure } from "./frame.mjs";
import { matrix } from "./matrix.mjs";
import { STRINGS } from "./strings/query-key-value.mjs";
import { fill } from "./words.mjs";

const ROLES = ["query", "key", "value"];
const MOST = 9; // so that no exponential overflows

export default figure("query-key-value", ({ stage, data }) => {
  const start = { scaled: data.scaled, mask: "none", heads: 1, asks: data.asks };
  const state = { ...start, ...copyOf(data) };
  const outcome = result();
  const steps = html("div", { class: "s2s-steps" });
  const worked = html("div", { class: "s2s-worked" });
  let shown = buildSteps(steps, data, state.heads);

  const update = () => {
    const found = compute(state);
    shown.forEach((head, h) => head.set(found[h], state));
    worked.replaceChildren(...found.map((each, h) => workedOut(data.words, each, state, h)));
    outcome.set(conclusion(data.words, found, state));
  };
  const change = (changes) => {
    if (changes.heads && changes.heads !== state.heads)
      shown = buildSteps(steps, data, changes.heads);
    Object.assign(state, changes);
    update();
  };
  const settings = settingsOf(data, state, change);
  const cards = ROLES.map((role) => card(role, data, state, update));
  const reset = button({
    label: STRINGS.reset,
    onClick: () => {
      change({ ...start, ...copyOf(data) });
      for (const [name, control] of Object.entries(settings)) control.set(start[name]);
      cards.forEach((each) => each.set(state));
    },
  });
  stage.append(
    html("div", { class: "s2s-panels s2s-cards" }, ...cards.map((each) => each.el)),
    bar(...Object.values(settings), reset),
    outcome.el,
    steps,
    worked,
  );
  update();
});

/** Vectors that may be changed, apart from those of the payload. */
function copyOf(data) {
  return Object.fromEntries(ROLES.map((role) => [role, data[role].map((row) => [...row])]));
}

function settingsOf({ words }, state, change) {
  const masks = ["none", "causal", "padding"];
  return {
    asks: choice({
      label: STRINGS.asks,
      options: words.map((label, value) => ({ value, label })),
      value: state.asks,
      onChange: (asks) => change({ asks }),
    }),
    mask: choice({
      label: STRINGS.mask,
      options: masks.map((value) => ({ value, label: STRINGS[value] })),
      value: state.mask,
      onChange: (mask) => change({ mask }),
    }),
    heads: choice({
      label: STRINGS.heads,
      options: [1, 2].map((value) => ({ value, label: String(value) })),
      value: state.heads,
      onChange: (heads) => change({ heads }),
    }),
    scaled: toggle({
      label: STRINGS.scale,
      value: state.scaled,
      onChange: (scaled) => change({ scaled }),
    }),
  };
}

/** The vectors of one role, in boxes to be typed into. */
function card(role, { words, features }, state, update) {
  const boxes = words.map((word, i) =>
    features[role].map((feature, j) =>
      numberBox({
        label: fill(STRINGS.number, { role: STRINGS[role], word, feature }),
        min: -MOST,
        max: MOST,
        value: state[role][i][j],
        onChange: (value) => {
          state[role][i][j] = value;
          update();
        },
      }),
    ),
  );
  const heads = features[role].map((name) => html("th", { scope: "col" }, name));
  const lines = words.map((word, i) =>
    html(
      "tr",
      {},
      html("th", { scope: "row" }, word),
      ...boxes[i].map((box) => html("td", {}, box.el)),
    ),
  );
  const title = html("span", { class: "s2s-role" }, STRINGS[role]);
  const el = html(
    "table",
    { class: `s2s-matrix s2s-card s2s-is-${role}` },
    html("caption", {}, title, html("small", {}, STRINGS[`${role}Note`])),
    html("thead", {}, html("tr", {}, html("td"), ...heads)),
    html("tbody", {}, ...lines),
  );
  const set = (vectors) =>
    boxes.forEach((row, i) => row.forEach((box, j) => box.set(vectors[role][i][j])));
  return { el, set };
}

/** What each head computes; the width of a head decides its scale. */
function compute(state) {
  const mask = maskOf(state.mask, state.query.length);
  return Array.from({ length: state.heads }, (_, h) => {
    const [query, key, value] = ROLES.map((role) => headOf(state[role], h, state.heads));
    const root = Math.sqrt(query[0].length);
    const scale = state.scaled ? 1 / root : 1;
    return { query, key, value, root, ...attend(query, key, value, { mask, scale }) };
  });
}

/** The matrices of all heads; returns what shows a head's numbers in them. */
function buildSteps(place, data, heads) {
  const shown = Array.from({ length: heads }, (_, h) => headSteps(data, h, heads));
  place.replaceChildren(...shown.map((each) => each.el));
  return shown;
}

function headSteps({ words, features }, h, heads) {
  const [queries, values] = ["query", "value"].map((role) => headOf([features[role]], h, heads)[0]);
  const names = { rows: words, rowRole: "query" };
  const square = { ...names, columns: words, columnRole: "key", hidden: STRINGS.hidden };
  const tables = {
    scores: matrix({ ...square, title: STRINGS.scores, note: STRINGS.scoresNote }),
    scaled: matrix({ ...square, title: STRINGS.scaled, note: "" }),
    exponentials: matrix({
      ...square,
      title: STRINGS.exponentials,
      note: STRINGS.exponentialsNote,
      columns: [...words, STRINGS.sum],
    }),
    weights: matrix({ ...square, title: STRINGS.weights, note: STRINGS.weightsNote }),
    read: matrix({
      ...names,
      title: STRINGS.read,
      note: STRINGS.readNote,
      columns: values,
      columnRole: "value",
    }),
  };
  const title = fill(STRINGS.head, { head: h + 1, query: queries.join(), value: values.join() });
  const el = html("div", { class: "s2s-head" });
  if (heads > 1) el.append(html("p", { class: "s2s-title" }, title));
  el.append(
    html("div", { class: "s2s-panels" }, ...Object.values(tables).map((table) => table.el)),
  );
  const set = (found, { scaled, asks }) => {
    const root = number(found.root);
    const divided = fill(STRINGS.scaledOn, { width: found.query[0].length, root });
    tables.scores.set(found.scores);
    tables.scaled.set(found.seen, { note: scaled ? divided : STRINGS.scaledOff });
    tables.exponentials.set(found.exponentials.map((row) => [...row, total(row)]));
    tables.weights.set(found.weights, { heat: true });
    tables.read.set(found.read);
    for (const table of Object.values(tables)) table.choose(asks);
  };
  return { el, set };
}

/** The row of the token that asks, worked out in words. */
function workedOut(words, found, { asks, scaled, heads }, h) {
  const query = found.query[asks];
  const sum = number(total(found.exponentials[asks]));
  const lines = words.map((word, j) => {
    const terms = query.map((q, i) => `${number(q)}·${number(found.key[j][i])}`).join(" + ");
    const score = number(found.scores[asks][j]);
    const parts = [fill(STRINGS.product, { word, terms, score })];
    if (scaled)
      parts.push(
        fill(STRINGS.divided, { root: number(found.root), scaled: number(found.scaled[asks][j]) }),
      );
    const power = number(found.exponentials[asks][j]);
    const weight = number(found.weights[asks][j]);
    const seen = found.seen[asks][j] > -Infinity;
    parts.push(seen ? fill(STRINGS.power, { power, sum, weight }) : STRINGS.masked);
    return html("li", {}, parts.join(""));
  });
  const terms = words.map((_, j) => `${number(found.weights[asks][j])}·${vector(found.value[j])}`);
  const reads = { terms: terms.join(" + "), read: vector(found.read[asks]) };
  const title = heads > 1 ? STRINGS.workedHead : STRINGS.worked;
  return html(
    "div",
    {},
    html(
      "p",
      { class: "s2s-title" },
      fill(title, { word: words[asks], head: h + 1, query: vector(query) }),
    ),
    html("ul", {}, ...lines),
    html("p", {}, fill(STRINGS.reads, reads)),
  );
}

function conclusion(words, found, { asks }) {
  const looks = found.map(({ weights }, h) => {
    const most = Math.max(...weights[asks]);
    const at = words.filter((_, j) => most - weights[asks][j] < 1e-9);
    const named = at.length === words.length ? STRINGS.equal : at.join(STRINGS.also);
    return { most: named, weight: number(most), head: h + 1 };
  });
  const read = vector(found.flatMap((head) => head.read[asks]));
  if (found.length === 1) return fill(STRINGS.result, { word: words[asks], read, ...looks[0] });
  const most = looks.map((look) => fill(STRINGS.inHead, look)).join(STRINGS.also);
  return fill(STRINGS.resultHeads, { word: words[asks], most, read });
}

function total(row) {
  return row.reduce((a, b) => a + b);
}

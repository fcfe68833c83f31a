/** Mask shapes: who may look at whom, how many pairs that makes, and how far news travels. */

import { bar, button, choice, result, slider, toggle } from "./controls.mjs";
import { html } from "./dom.mjs";
import { drag } from "./drag.mjs";
import { fit } from "./fit.mjs";
import { grouped, percent } from "./format.mjs";
import { figure } from "./frame.mjs";
import { matrixView, newsView } from "./mask-view.mjs";
import { count, heardAfter, levels, maskOf, runs, spread } from "./masks.mjs";
import { STRINGS } from "./strings/mask-shapes.mjs";
import { fill } from "./words.mjs";

const LENGTHS = { min: 4, max: 48 };
const LAYERS = { min: 1, max: 8 };
const RANGES = {
  window: { min: 1, max: 48 },
  dilation: { min: 1, max: 6 },
  stride: { min: 1, max: 16 },
  block: { min: 1, max: 8 },
  num_global: { min: 0, max: 4 },
  num_random: { min: 0, max: 4 },
};
const BEGIN = 1; // with the window
const MOST_BLOCKS = 8; // of a window
const [SIDE_BY_SIDE, GAP, WIDEST] = [640, 32, 460];

export default figure("mask-shapes", ({ stage, data }) => {
  const patterns = structuredClone(data.patterns);
  const { length, asks: first, layers: deep, seed } = data;
  const state = { pattern: patterns[BEGIN], length, asks: first, layers: deep, seed };
  const outcome = result();
  const drawings = pictures();
  const facts = factsOf();
  const note = html("p", { class: "s2s-note" });
  const settings = html("div", { class: "s2s-bar" });
  const again = button({
    label: STRINGS.drawAgain,
    onClick: () => change({ seed: state.seed + 1 }),
  });
  let [mask, width] = [null, 2 * WIDEST + GAP];

  const redraw = () => drawings.draw(mask, state, width);
  const look = (asks) => {
    drawings.look(mask, asks, state.layers);
    outcome.set(conclusion(mask, { ...state, asks }));
  };
  const choose = (word) => {
    state.asks = word;
    asks.set(word);
    look(word);
  };
  const change = (changes) => {
    Object.assign(state, changes);
    mask = maskOf(state.pattern, state.length, state.seed);
    note.textContent = fill(STRINGS.note[state.pattern.name], state);
    facts.set(mask, state.pattern);
    asks.limit(state.length - 1);
    redraw();
    choose(Math.min(state.asks, state.length - 1));
  };
  const choosePattern = (name) => {
    const pattern = patterns.find((each) => each.name === name);
    causal.set(pattern.causal);
    const own = slidersOf(pattern, () => change({}));
    const drawn = "num_random" in pattern ? [again] : [];
    settings.replaceChildren(...[text, ...own, causal, ...drawn].map(({ el }) => el));
    change({ pattern });
  };

  const { pattern, causal, length: text } = controlsOf(state, { choosePattern, change });
  const asks = slider({
    label: STRINGS.asks,
    role: "query",
    min: 0,
    max: length - 1,
    value: state.asks,
    onChange: choose,
  });
  const layers = slider({
    label: STRINGS.layers,
    ...LAYERS,
    value: deep,
    onChange: (wanted) => {
      state.layers = wanted;
      redraw();
      look(state.asks);
    },
  });
  drawings.beside.append(bar(asks, layers), drawings.news.el, outcome.el);
  pointAt(drawings, { look, choose, back: () => look(state.asks) });
  stage.append(bar(pattern), note, settings, facts.el, drawings.el);
  choosePattern(state.pattern.name);
  return fit(drawings.el, (wide) => {
    width = wide;
    redraw();
    look(state.asks);
  });
});

function controlsOf(state, { choosePattern, change }) {
  return {
    pattern: choice({
      label: STRINGS.pattern,
      options: Object.entries(STRINGS.patterns).map(([value, label]) => ({ value, label })),
      value: state.pattern.name,
      onChange: choosePattern,
    }),
    length: slider({
      label: STRINGS.length,
      ...LENGTHS,
      value: state.length,
      onChange: (length) => change({ length }),
    }),
    causal: toggle({
      label: STRINGS.causal,
      value: state.pattern.causal,
      onChange: (wanted) => {
        state.pattern.causal = wanted;
        change({});
      },
    }),
  };
}

/** A slider for each number that a pattern has. */
function slidersOf(pattern, onChange) {
  const inBlocks = "block" in pattern;
  return Object.keys(RANGES)
    .filter((name) => name in pattern)
    .map((name) => {
      const most = inBlocks && name === "window" ? { max: MOST_BLOCKS } : {};
      return slider({
        label: (inBlocks && STRINGS.settingsInBlocks[name]) || STRINGS.settings[name],
        ...RANGES[name],
        ...most,
        value: pattern[name],
        onChange: (value) => {
          pattern[name] = value;
          onChange();
        },
      });
    });
}

/** Both drawings with their titles; `beside` is the place of the second one. */
function pictures() {
  const map = matrixView({ label: STRINGS.matrix, across: STRINGS.seen, down: STRINGS.asks });
  const news = newsView({
    layer: (layer) => fill(STRINGS.layer, { layer }),
    words: STRINGS.words,
  });
  const title = html("p", { class: "s2s-title" });
  const beside = html("div", { class: "s2s-panel" }, title);
  const heard = html("span");
  const sample = (kind) => html("span", { class: `s2s-mask-sample ${kind}` });
  const legend = html(
    "ul",
    { class: "s2s-legend" },
    html("li", {}, sample("s2s-full"), STRINGS.seenMark),
    html("li", {}, sample("s2s-dotted"), heard),
  );
  const el = html(
    "div",
    { class: "s2s-panels" },
    html(
      "div",
      { class: "s2s-panel" },
      html("p", { class: "s2s-title" }, STRINGS.who),
      map.el,
      legend,
    ),
    beside,
  );
  let wide = WIDEST;
  const look = (mask, asks, layers) => {
    const found = levels(mask, asks, layers);
    const counts = found.map((row) => count([row])).join(", ");
    title.textContent = fill(STRINGS.news, { asks });
    map.mark(asks);
    news.draw(found, wide, fill(STRINGS.cone, { counts }));
  };
  const draw = (mask, { layers }, width) => {
    wide = Math.min(width >= SIDE_BY_SIDE ? Math.floor((width - GAP) / 2) : width, WIDEST);
    el.style.setProperty("--s2s-wide", `${wide}px`);
    heard.textContent = fill(STRINGS.heardMark, { layers });
    heard.parentElement.hidden = layers === 1;
    map.draw(mask, heardAfter(mask, layers), wide);
  };
  return { el, beside, map, news, draw, look };
}

/** A word is chosen by pressing, looked at by hovering. */
function pointAt({ map, news }, { look, choose, back }) {
  for (const { el, at } of [map, news]) {
    drag(el, (place) => choose(at(place)));
    el.addEventListener("pointerleave", back);
  }
  map.el.addEventListener("pointermove", (event) => {
    if (event.pointerType !== "mouse" || event.buttons) return;
    const { top, height } = map.el.getBoundingClientRect();
    look(map.at({ y: ((event.clientY - top) * map.el.viewBox.baseVal.height) / height }));
  });
}

/** What a pattern costs, and how far news travels in it. */
function factsOf() {
  const values = [STRINGS.pairs, STRINGS.spread, STRINGS.heard].map((name) => {
    const value = html("dd");
    return { value, el: html("div", {}, html("dt", {}, name), value) };
  });
  const el = html("dl", {}, ...values.map((each) => each.el));
  const set = (mask, { causal }) => {
    const [all, pairs] = [mask.length ** 2, count(mask)];
    const { layers, heard } = spread(mask);
    const most = causal ? (all + mask.length) / 2 : all;
    const told = [
      fill(STRINGS.pairsOf, {
        pairs: grouped(pairs),
        all: grouped(all),
        share: percent(pairs / all),
      }),
      layers === 1 ? STRINGS.spreadOfOne : fill(STRINGS.spreadOf, { layers }),
      reached(count(heard) / most, causal),
    ];
    told.forEach((words, i) => (values[i].value.textContent = words));
  };
  return { el, set };
}

function reached(share, causal) {
  if (share === 1) return causal ? STRINGS.everyoneBefore : STRINGS.everyone;
  // nearly all is not all
  const rounded = percent(Math.min(share, 0.99));
  return fill(causal ? STRINGS.shareBefore : STRINGS.share, { share: rounded });
}

function conclusion(mask, { asks, layers, pattern, length }) {
  const values = { asks, layers, seen: listed(mask[asks]) };
  if (layers === 1) return fill(STRINGS.resultOne, values);
  const heard = levels(mask, asks, layers).at(-1);
  const most = pattern.causal ? asks + 1 : length;
  return fill(count([heard]) === most ? STRINGS.resultAll : STRINGS.result, {
    ...values,
    heard: listed(heard),
    count: count([heard]),
    most,
    limit: pattern.causal ? STRINGS.limitBefore : STRINGS.limitAll,
  });
}

/** The places of a row in words: 0, 2, 5 to 9. */
function listed(row) {
  return runs(row)
    .flatMap(([first, last]) => {
      if (last - first > 1) return [fill(STRINGS.span, { first, last })];
      return first === last ? [first] : [first, last];
    })
    .join(", ");
}

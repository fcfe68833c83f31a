/** Bahdanau and Luong: one step of each decoder side by side, part after part. */

import { ASKS, LAST, ORDER, layout, rowOf } from "./attention-flow.mjs";
import { bar, button, choice, result } from "./controls.mjs";
import { html, set as setAttributes, svg } from "./dom.mjs";
import { fit } from "./fit.mjs";
import { fixed, percent, vector } from "./format.mjs";
import { figure } from "./frame.mjs";
import { soft } from "./heat.mjs";
import { STRINGS } from "./strings/two-attentions.mjs";
import { said, worked } from "./two-attentions-words.mjs";
import { fill } from "./words.mjs";

const KINDS = ["bahdanau", "luong"];
const PAUSE = 2600; // milliseconds between steps
const ROLES = {
  word: "target",
  previous: "target",
  memory: "source",
  scores: "attention",
  weights: "attention",
  context: "attention",
  state: "target",
  predicted: "target",
};
/** Which of the three differences a part shows. */
const DIFFERS = { scores: 2, context: 3 };

export default figure("two-attentions", ({ stage, data }) => {
  const state = { row: 0, shown: data.shown[data.shown.length - 1] };
  const outcome = result();
  const drawings = KINDS.map((kind) => drawing(kind, data));
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  let clock = 0;

  const update = () => {
    drawings.forEach((each) => each.set(state));
    back.el.disabled = state.row === 0;
    next.el.disabled = state.row === LAST;
    outcome.set(said(data, state));
  };
  const move = (changes) => {
    Object.assign(state, changes);
    update();
  };
  const stop = () => {
    clearInterval(clock);
    clock = 0;
    play.set(STRINGS.play);
  };
  const tick = () => {
    move({ row: state.row + 1 });
    if (state.row === LAST) stop();
  };
  const byHand = (changes) => {
    stop();
    move(changes);
  };
  const back = button({ label: STRINGS.back, onClick: () => byHand({ row: state.row - 1 }) });
  const next = button({ label: STRINGS.next, onClick: () => byHand({ row: state.row + 1 }) });
  const play = button({
    label: STRINGS.play,
    onClick: () => {
      if (clock) return stop();
      if (state.row === LAST) move({ row: 0 });
      play.set(STRINGS.pause);
      clock = setInterval(tick, PAUSE);
    },
  });
  const written = choice({
    label: STRINGS.write,
    options: data.shown.map((value) => ({ value, label: data.target[value] })),
    value: state.shown,
    onChange: (shown) => byHand({ shown }),
  });
  stage.append(
    bar(written, back, next, ...(still ? [] : [play])),
    outcome.el,
    html("div", { class: "s2s-two" }, ...drawings.map((each) => each.el)),
    differences(),
  );
  update();
  const stops = drawings.map((each) => fit(each.place, each.draw));
  return () => {
    stop();
    stops.forEach((each) => each());
  };
});

function differences() {
  const items = STRINGS.differences.map((text, i) =>
    html("li", {}, badge(i + 1), html("span", {}, text)),
  );
  return html(
    "div",
    { class: "s2s-differ" },
    html("p", { class: "s2s-title" }, STRINGS.differ),
    html("ul", {}, ...items),
  );
}

function badge(number) {
  return html("span", { class: "s2s-badge" }, String(number));
}

/** One decoder: boxes that can be pressed, arrows, and below how a box's numbers come about. */
function drawing(kind, data) {
  const names = ORDER[kind].flat();
  const boxes = names.map((name) => box(kind, name, data));
  const arrows = svg("svg", { "aria-hidden": "true" });
  const label = fill(STRINGS.drawing, { kind: STRINGS.kinds[kind] });
  const place = html(
    "div",
    { class: "s2s-flow", role: "group", "aria-label": label },
    arrows,
    ...boxes.map((each) => each.el),
  );
  const details = html("div", { class: "s2s-details" });
  let [now, plan] = [null, null];

  const choose = (i) => {
    boxes.forEach(({ el }, j) => setAttributes(el, { "aria-pressed": String(i === j) }));
    details.replaceChildren(...explained(kind, names[i], data, now));
  };
  const paint = () => {
    if (plan) arrows.replaceChildren(...plan.arrows.map((each) => arrow(kind, each, now.row)));
  };
  const set = (state) => {
    now = { ...state };
    boxes.forEach((each) => each.set(now));
    paint();
    choose(names.findLastIndex((name) => rowOf(kind, name) === now.row));
  };
  const draw = (width) => {
    plan = layout(kind, width);
    setAttributes(arrows, { width, height: plan.height });
    place.style.height = `${plan.height}px`;
    boxes.forEach(({ el }, i) => {
      const { x, y, w, h } = plan.boxes[names[i]];
      el.style.cssText = `left:${x}px;top:${y}px;width:${w}px;height:${h}px`;
    });
    paint();
  };
  boxes.forEach(({ el }, i) => {
    el.addEventListener("click", () => choose(i));
    el.addEventListener("focus", () => choose(i));
  });
  const title = html("h4", {}, STRINGS.kinds[kind]);
  return { el: html("div", { class: "s2s-panel" }, title, place, details), place, set, draw };
}

function arrow(kind, { to, d, head }, row) {
  const at = rowOf(kind, to);
  const when = at === row ? "now" : at < row ? "done" : "later";
  return svg(
    "g",
    { class: `s2s-arrow s2s-${when}` },
    svg("path", { d, pathLength: 1 }),
    svg("path", { d: "M-8,-4.5L0,0L-8,4.5Z", transform: head, class: "s2s-head" }),
  );
}

/** A part of the step: its name, and its numbers as soon as they are computed. */
function box(kind, name, data) {
  const differs = name === ASKS[kind] ? 1 : DIFFERS[name];
  const [letter, index] = STRINGS.symbols[name];
  const lines = html("span", { class: "s2s-lines" });
  const title = html(
    "span",
    { class: "s2s-name" },
    STRINGS.boxes[name] && `${STRINGS.boxes[name]} `,
    html("i", {}, letter, html("sub", {}, index)),
  );
  const el = html(
    "button",
    { type: "button", class: `s2s-box s2s-is-${ROLES[name]}${differs ? " s2s-differs" : ""}` },
    title,
    lines,
  );
  if (differs) el.append(badge(differs));
  const set = ({ row, shown }) => {
    const at = rowOf(kind, name);
    el.classList.toggle("s2s-later", at > row);
    el.classList.toggle("s2s-fresh", at === row && at > 0);
    const found = at > row ? [html("span", {}, STRINGS.later)] : numbers(kind, name, data, shown);
    lines.replaceChildren(...found);
  };
  return { el, set };
}

/** What a box shows: a vector, or a number for each source word. */
function numbers(kind, name, { source, target, outputs, steps }, shown) {
  const step = steps[kind][shown];
  const line = (word, number, weight) => {
    const el = html("span", { class: "s2s-line" }, html("b", {}, word), html("span", {}, number));
    if (weight !== undefined) el.style.background = soft(weight);
    return el;
  };
  if (name === "memory") return source.map((word, i) => line(word, vector(outputs[i])));
  if (name === "scores") return source.map((word, i) => line(word, fixed(step.scores[i])));
  if (name === "weights")
    return source.map((word, i) => line(word, fixed(step.weights[i]), step.weights[i]));
  if (name === "predicted") {
    const best = step.predicted.indexOf(Math.max(...step.predicted));
    return [line(target[best], percent(step.predicted[best]))];
  }
  const one = html("span", {}, vector(step[name]));
  return name === "word" ? [html("span", {}, target[shown - 1]), one] : [one];
}

function explained(kind, name, data, { row, shown }) {
  const at = rowOf(kind, name);
  const [letter, index] = STRINGS.symbols[name];
  const title = html(
    "p",
    { class: "s2s-title" },
    `${STRINGS.kinds[kind]}, ${STRINGS.boxes[name]} `,
    html("i", {}, letter, html("sub", {}, index)),
  );
  const told = at > row ? [fill(STRINGS.wait, { step: at + 1 })] : worked(kind, name, data, shown);
  return [title, ...told.map((sentence) => html("p", {}, sentence))];
}

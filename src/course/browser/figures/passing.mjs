/** A text on its way through a model, as places: through one vector, or looked at one by one. */

import { html, svg } from "./dom.mjs";
import { ramp, soft } from "./heat.mjs";

const [HEIGHT, CELL, GAP, WIDEST_PITCH] = [158, 14, 2, 14];
const [READ, WRITTEN] = [{ y: 4 }, { y: HEIGHT - CELL - 6 }];
const BOX = { width: 104, y: 60, height: 30 };
const LEAST = 0.02; // of the attention: what is less is not drawn

/**
 * The drawing of one model at one moment.
 *
 * @param {object} options
 * @param {number} options.width in pixels
 * @param {number} options.most how many places the longest text of all has
 * @param {number} options.read how many words are read
 * @param {{ words: string[], wrong: number[], weights?: number[][] }} options.output
 * @param {number} options.at the word that is being written, from 0
 * @param {string} options.label what the drawing shows, for those who can't see it
 * @param {string} [options.box] what the one vector says of itself; without it places are looked at
 */
export function passing({ width, most, read, output, at, label, box }) {
  const pitch = Math.min(WIDEST_PITCH, width / most);
  const middle = (i, count) => width / 2 + (i - (count - 1) / 2) * pitch;
  const place = (i, count) => ({
    x: middle(i, count) - pitch / 2 + GAP / 2,
    width: pitch - GAP,
    height: CELL,
  });
  const weights = output.weights?.[at];
  const target = middle(at, output.words.length);
  const el = svg("svg", {
    viewBox: `0 0 ${width} ${HEIGHT}`,
    width,
    height: HEIGHT,
    role: "img",
    "aria-label": label,
  });
  for (let i = 0; i < read; i += 1) {
    const x = middle(i, read);
    if (box) el.append(squeezed(x, width / 2 + narrow(i, read)));
    else if (weights[i] / 100 >= LEAST) el.append(look(x, target, weights[i] / 100));
    const cell = svg("rect", { ...place(i, read), ...READ, rx: 2, class: "s2s-place-read" });
    if (!box) cell.style.fill = ramp(weights[i] / 100);
    el.append(cell);
  }
  if (box) el.append(...vector(width / 2, target, box));
  output.words.forEach((_, i) =>
    el.append(
      svg("rect", { ...place(i, output.words.length), ...WRITTEN, rx: 2, class: state(i) }),
    ),
  );
  return el;

  function state(i) {
    if (i > at) return "s2s-place-later";
    const how = output.wrong.includes(i) ? "s2s-place-wrong" : "s2s-place-right";
    return i === at ? `${how} s2s-place-now` : how;
  }
}

/** Where in the box the line of a place ends: the more places, the closer. */
function narrow(i, count) {
  return count > 1 ? (i / (count - 1) - 0.5) * (BOX.width - 16) : 0;
}

function squeezed(from, to) {
  const d = `M${from},${READ.y + CELL}C${from},${BOX.y - 18} ${to},${READ.y + CELL + 18} ${to},${BOX.y}`;
  return svg("path", { d, class: "s2s-squeezed" });
}

function look(from, to, weight) {
  const [top, bottom] = [READ.y + CELL, WRITTEN.y];
  const half = (top + bottom) / 2;
  const d = `M${from},${top}C${from},${half} ${to},${half} ${to},${bottom}`;
  return svg("path", { d, class: "s2s-look", "stroke-width": 1 + 6 * weight });
}

function vector(x, target, words) {
  const bottom = BOX.y + BOX.height;
  const d = `M${x},${bottom}C${x},${bottom + 26} ${target},${WRITTEN.y - 26} ${target},${WRITTEN.y}`;
  return [
    svg("path", { d, class: "s2s-told" }),
    svg("rect", { ...BOX, x: x - BOX.width / 2, rx: 4, class: "s2s-vector" }),
    svg("text", { x, y: BOX.y + 20, "text-anchor": "middle", class: "s2s-vector-words" }, words),
  ];
}

/**
 * A text in which words can be marked.
 *
 * @returns {{ el: HTMLElement, set: Function, heat: Function }} `set({ at, wrong })` marks the word
 *   that is being written and those that are wrong; `heat(percents)` colours all
 */
export function marked({ words, lang, name }) {
  const spans = words.map((word) => html("span", {}, word));
  const spaced = spans.flatMap((span) => [span, " "]);
  const el = html(
    "p",
    { class: "s2s-passage" },
    html("span", { class: "s2s-passage-name" }, name),
    " ",
    html("span", { lang }, ...spaced),
  );
  const set = ({ at, wrong }) =>
    spans.forEach((span, i) => {
      span.classList.toggle("s2s-now", i === at);
      span.classList.toggle("s2s-later", i > at);
      span.classList.toggle("s2s-wrong", wrong.includes(i));
    });
  const heat = (percents) =>
    spans.forEach((span, i) => (span.style.background = soft(percents[i] / 100)));
  return { el, set, heat };
}

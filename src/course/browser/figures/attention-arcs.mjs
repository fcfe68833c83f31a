/** Attention as arcs: words that are read on the left, words that are written on the right. */

import { html, svg } from "./dom.mjs";
import { roving } from "./roving.mjs";

const LEAST = 0.05; // shares below this are not drawn
const LINE = 30; // height of a word, in pixels

/** Arguments as for `heatmap`; `words.column` puts a column in words. Gold links are dashed. */
export function arcs({ rows, columns, values, gold, words, tell }) {
  const height = LINE * Math.max(rows.length, columns.length);
  const middle = (side, i) => (height * (i + 0.5)) / side.length;
  const lines = values.flatMap((row, i) =>
    row.flatMap((share, j) => {
      const ends = [middle(columns, j), middle(rows, i)];
      const found = share < LEAST ? [] : [line(weighed(share), i, j, ...ends)];
      return gold?.[i][j] ? [...found, line({ class: "s2s-gold" }, i, j, ...ends)] : found;
    }),
  );
  const light = (isOn) => {
    for (const { el, row, column } of lines) el.classList.toggle("s2s-off", !isOn(row, column));
  };
  const read = columns.map((column, j) =>
    word(column, words.column(j), (sentence) => {
      light((_, at) => at === j);
      tell(sentence);
    }),
  );
  const written = rows.map((row, i) =>
    word(row, words.row(i), (sentence) => {
      light((at) => at === i);
      tell(sentence);
    }),
  );
  const longer = read.length > written.length ? read : written;
  roving(longer.map((_, k) => [read[k], written[k]]));
  const drawing = svg(
    "svg",
    { viewBox: `0 0 100 ${height}`, preserveAspectRatio: "none", "aria-hidden": "true" },
    ...lines.map(({ el }) => el),
  );
  return html(
    "div",
    {
      class: "s2s-arcs",
      role: "group",
      "aria-label": words.label,
      style: `height:${height}px`,
      onpointerleave: () => light(() => true),
    },
    html("div", { class: "s2s-is-source" }, ...read),
    drawing,
    html("div", { class: "s2s-is-target" }, ...written),
  );
}

function word({ label, end }, sentence, look) {
  const tell = () => look(sentence);
  return html(
    "button",
    {
      type: "button",
      class: end && "s2s-end",
      "aria-label": sentence,
      onfocus: tell,
      onclick: tell,
      onpointerenter: tell,
    },
    label,
  );
}

function weighed(share) {
  const width = (1 + 6 * share).toFixed(1);
  const opacity = (0.3 + 0.7 * share).toFixed(2);
  return { style: `stroke-width:${width}px;stroke-opacity:${opacity}` };
}

function line(look, row, column, from, to) {
  const el = svg("path", { ...look, d: `M0,${from} C45,${from} 55,${to} 100,${to}` });
  return { el, row, column };
}

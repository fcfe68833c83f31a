/** Attention as a heatmap: a row for each word that is written, a column for each that is read. */

import { html } from "./dom.mjs";
import { ramp } from "./heat.mjs";
import { roving } from "./roving.mjs";

// From these shares on, a number is written in the other colour, black or white: so it reaches
// 4.5:1 on every shade of the ramp.
const TURN = { light: 0.731, dark: 0.652 };
const CROWDED = 9; // more columns than this have their names upright

/**
 * @param {object} table `rows` and `columns` (`{ label, end }`), `values`, and `gold` or null: which
 *   cells to frame
 * @param {object} words `label`, and functions that put a cell and a row in words
 * @param {(sentence: string) => void} tell what the reader points at
 */
export function heatmap({ rows, columns, values, gold, words, tell }) {
  const rowHeads = rows.map((row) => head("row", "target", row));
  const columnHeads = columns.map((column) => head("col", "source", column));
  const mark = (i, j) => {
    rowHeads.forEach((each, at) => each.classList.toggle("s2s-on", at === i));
    columnHeads.forEach((each, at) => each.classList.toggle("s2s-on", at === j));
  };
  const look = (i, j) => {
    mark(i, j);
    tell(words.row(i));
  };
  const cells = values.map((row, i) =>
    row.map((share, j) => cell(share, words.cell(i, j), gold?.[i][j], () => look(i, j))),
  );
  roving(cells, { onFocus: look });
  const table = html(
    "table",
    {
      class: `s2s-heatmap${columns.length > CROWDED ? " s2s-upright" : ""}`,
      role: "grid",
      "aria-label": words.label,
      onpointerleave: () => mark(null, null),
    },
    html("thead", {}, html("tr", {}, html("td"), ...columnHeads)),
    html("tbody", {}, ...cells.map((row, i) => html("tr", {}, rowHeads[i], ...row))),
  );
  return html("div", { class: "s2s-scroll" }, table);
}

function head(scope, role, { label, end }) {
  const name = html("span", { class: end && "s2s-end" }, label);
  return html("th", { scope, class: `s2s-is-${role}` }, name);
}

function cell(share, label, isGold, look) {
  const turns = Object.keys(TURN).filter((theme) => share >= TURN[theme]);
  const kinds = turns.map((theme) => `s2s-turn-${theme}`);
  if (isGold) kinds.push("s2s-gold");
  const percent = Math.round(100 * share);
  return html(
    "td",
    {
      class: kinds.join(" "),
      style: `background:${ramp(share)}`,
      "aria-label": label,
      onpointerenter: look,
    },
    percent ? String(percent) : "·",
  );
}

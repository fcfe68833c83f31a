/** A small matrix as a table, whose numbers change in place. */

import { html } from "./dom.mjs";
import { number } from "./format.mjs";
import { soft } from "./heat.mjs";

/**
 * @param {object} options
 * @param {string} options.title
 * @param {string} [options.note] below the title, in small
 * @param {string[]} options.rows names
 * @param {string[]} options.columns names
 * @param {string} [options.columnRole] whose colour the names of the columns have
 * @param {string} [options.rowRole]
 * @param {string} [options.hidden] what a cell says that a mask hides
 * @returns {{ el: HTMLElement, set: Function, choose: Function }}
 *   `set(values, { heat, note })` shows numbers, with `heat` on the ramp; `choose(i)` marks a row
 */
export function matrix({ title, note, rows, columns, columnRole, rowRole, hidden }) {
  const small = html("small", {}, note ?? "");
  const cells = rows.map(() => columns.map(() => html("td")));
  const heads = columns.map((name) =>
    html("th", { scope: "col", class: columnRole && `s2s-is-${columnRole}` }, name),
  );
  const lines = rows.map((name, i) =>
    html(
      "tr",
      {},
      html("th", { scope: "row", class: rowRole && `s2s-is-${rowRole}` }, name),
      ...cells[i],
    ),
  );
  const el = html(
    "table",
    { class: "s2s-matrix" },
    html("caption", {}, title, small),
    html("thead", {}, html("tr", {}, html("td"), ...heads)),
    html("tbody", {}, ...lines),
  );
  const set = (values, { heat = false, note: changed } = {}) => {
    if (changed !== undefined) small.textContent = changed;
    values.forEach((row, i) =>
      row.forEach((value, j) => {
        const cell = cells[i][j];
        cell.textContent = value === -Infinity && hidden ? hidden : number(value);
        cell.style.background = heat ? soft(value) : "";
        cell.classList.toggle("s2s-out", value === -Infinity);
      }),
    );
  };
  const choose = (chosen) =>
    lines.forEach((line, i) => line.classList.toggle("s2s-chosen", i === chosen));
  return { el, set, choose };
}

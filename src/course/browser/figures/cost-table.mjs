/** The table of the cost calculator: which lines are drawn, and every number at one length. */

import { html, set as setAttributes } from "./dom.mjs";
import { swatch } from "./cost-lines.mjs";
import { STRINGS } from "./strings/cost-calculator.mjs";

/**
 * @param {object} options
 * @param {string[]} options.kinds a row for each
 * @param {string[]} options.drawn those ticked at first
 * @param {(kind: string, drawn: boolean) => void} options.onChange
 * @returns {{ el: HTMLElement, set: Function }} `set(caption, columns, rows)` changes what stands in
 *   the cells; there are at most four columns of numbers
 */
export function costTable({ kinds, drawn, onChange }) {
  const caption = html("caption");
  const heads = [0, 1, 2, 3].map(() => html("th", { scope: "col" }));
  const cells = kinds.map(() => heads.map(() => html("td")));
  const rows = kinds.map((kind, i) =>
    html("tr", {}, html("th", { scope: "row" }, box(kind, drawn, onChange)), ...cells[i]),
  );
  const first = html("th", { scope: "col" }, STRINGS.columns.kind);
  const table = html(
    "table",
    { class: "s2s-cost-table" },
    caption,
    html("thead", {}, html("tr", {}, first, ...heads)),
    html("tbody", {}, ...rows),
  );
  const el = html(
    "div",
    { class: "s2s-scroll", tabindex: "0", role: "group", "aria-label": STRINGS.table },
    table,
  );
  const set = (title, columns, values) => {
    caption.textContent = title;
    const fillIn = (cell, text) => {
      cell.textContent = text ?? "";
      setAttributes(cell, { hidden: text === undefined });
    };
    heads.forEach((head, j) => fillIn(head, columns[j]));
    cells.forEach((row, i) => row.forEach((cell, j) => fillIn(cell, values[i][j])));
  };
  return { el, set };
}

function box(kind, drawn, onChange) {
  const input = html("input", {
    type: "checkbox",
    checked: drawn.includes(kind),
    onchange: () => onChange(kind, input.checked),
  });
  return html(
    "label",
    { class: "s2s-toggle" },
    input,
    swatch(kind),
    html("span", {}, STRINGS.kinds[kind]),
  );
}

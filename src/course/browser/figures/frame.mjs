/**
 * What every live figure has around it: a stage, a caption, and the same in words and numbers.
 *
 *     export default figure("name-of-kind", ({ stage, data }) => {
 *       stage.append(…);
 *       return () => {};  // stops timers and observers; may be left out
 *     });
 */

import { html } from "./dom.mjs";
import { STRINGS } from "./strings/frame.mjs";

/**
 * A module as anywidget wants it, and the site's runtime, too.
 *
 * @param {string} kind as in the payload; the root gets the class `s2s-KIND`
 * @param {(parts: { stage: HTMLElement, data: any, payload: object }) => (() => void) | void} draw
 */
export function figure(kind, draw) {
  return {
    render({ model, el }) {
      const payload = model.get("data");
      const stage = html("div", { class: "s2s-stage" });
      const stop = draw({ stage, data: payload.data, payload });
      el.append(
        html(
          "figure",
          { class: `s2s s2s-${kind}`, onfocusin: keepKeys },
          stage,
          html("figcaption", { class: "s2s-caption" }, payload.caption),
          words(payload),
        ),
      );
      return stop;
    },
  };
}

/** In a notebook JupyterLab takes arrow keys for itself, unless what has the focus says so. */
function keepKeys({ target }) {
  target.setAttribute("data-lm-suppress-shortcuts", "true");
}

function words({ alt, table }) {
  const folded = html("details", { class: "s2s-words" });
  folded.append(html("summary", {}, STRINGS.words), html("p", {}, alt));
  if (table.columns.length) folded.append(tableOf(table));
  return folded;
}

/** A table that scrolls in a box of its own, by keyboard, too. */
function tableOf({ columns, rows }) {
  const cell = (value) => html("td", {}, value === null ? "" : String(value));
  const head = columns.map((name) => html("th", { scope: "col" }, name));
  const body = rows.map((row) => html("tr", {}, ...row.map(cell)));
  return html(
    "div",
    { class: "s2s-scroll", tabindex: "0", role: "group", "aria-label": STRINGS.numbers },
    html("table", {}, html("thead", {}, html("tr", {}, ...head)), html("tbody", {}, ...body)),
  );
}

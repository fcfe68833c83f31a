/** A large heatmap without numbers, on which rows and columns can be marked. */

import { svg } from "./dom.mjs";
import { number } from "./format.mjs";
import { ramp } from "./heat.mjs";

const [LEFT, TOP, BOTTOM, EVERY] = [40, 22, 26, 4];
const SWATCHES = 9; // of the scale below

/**
 * @param {object} options
 * @param {number} options.rows how many
 * @param {number} options.columns how many
 * @param {number} options.cell side of a cell in pixels
 * @param {string} options.label what is shown, for those who can't see it
 * @param {string} options.across what the columns are
 * @param {string} options.down what the rows are
 * @returns {{ el: SVGElement, set: Function, mark: Function, at: Function }}
 *   `set(values, low, high)` colours the cells; `mark(row, column)` frames them (null: none);
 *   `at({ x, y })` is the cell at a place of the drawing, the nearest if it lies outside
 */
export function grid({ rows, columns, cell, label, across, down }) {
  const [width, height] = [columns * cell, rows * cell];
  const view = [LEFT + width + 4, TOP + height + BOTTOM];
  const el = svg("svg", {
    viewBox: `0 0 ${view[0]} ${view[1]}`,
    width: view[0],
    height: view[1],
    role: "img",
    "aria-label": label,
  });
  const cells = [];
  for (let i = 0; i < rows; i += 1)
    for (let j = 0; j < columns; j += 1)
      cells.push(svg("rect", { x: LEFT + j * cell, y: TOP + i * cell, width: cell, height: cell }));
  const frame = { x: LEFT, y: TOP, width, height, class: "s2s-axis", fill: "none" };
  const row = marker("row", { x: LEFT - 2, width: width + 4, height: cell + 4 });
  const column = marker("column", { y: TOP - 2, width: cell + 4, height: height + 4 });
  const ends = [
    word(LEFT, TOP + height + 20, "start", ""),
    word(LEFT + width, TOP + height + 20, "end", ""),
  ];
  el.append(
    svg("g", { "shape-rendering": "crispEdges" }, ...cells),
    svg("rect", frame),
    ...names(rows, columns, cell, across, down),
    ...swatches(LEFT + width / 2, TOP + height + 10),
    ...ends,
    column.el,
    row.el,
  );

  const set = (values, low, high) => {
    values.flat().forEach((value, i) => {
      cells[i].style.fill = ramp((value - low) / (high - low));
    });
    ends[0].textContent = number(low);
    ends[1].textContent = number(high);
  };
  const mark = (i, j) => {
    row.set("y", i === null ? null : TOP + i * cell - 2);
    column.set("x", j === null ? null : LEFT + j * cell - 2);
  };
  const inside = (value, most) => Math.min(Math.max(Math.floor(value), 0), most - 1);
  const at = ({ x, y }) => ({
    row: inside((y - TOP) / cell, rows),
    column: inside((x - LEFT) / cell, columns),
  });
  return { el, set, mark, at };
}

/** A frame around a row or a column, on a halo that keeps it apart from any colour. */
function marker(name, box) {
  const lines = [svg("rect", box), svg("rect", box)];
  const el = svg("g", { class: `s2s-mark-${name}` }, ...lines);
  const set = (along, place) => {
    el.style.display = place === null ? "none" : "";
    for (const line of lines) line.setAttribute(along, place ?? 0);
  };
  return { el, set };
}

/** The ramp from low to high, which are written at its sides. */
function swatches(middle, top) {
  const side = 11;
  return [...Array(SWATCHES).keys()].map((i) =>
    svg("rect", {
      x: middle + (i - SWATCHES / 2) * side,
      y: top,
      width: side,
      height: side,
      style: `fill: ${ramp(i / (SWATCHES - 1))}`,
      class: "s2s-swatch",
    }),
  );
}

function word(x, y, anchor, text) {
  return svg("text", { x, y, "text-anchor": anchor, class: "s2s-label" }, text);
}

function names(rows, columns, cell, across, down) {
  const every = (count) => [...Array(count).keys()].filter((i) => i % EVERY === 0 && i > 0);
  const middle = TOP + (rows * cell) / 2;
  return [
    word(LEFT, TOP - 7, "start", across),
    ...every(columns)
      .filter((j) => j * cell > 8 * across.length + 10)
      .map((j) => word(LEFT + (j + 0.5) * cell, TOP - 7, "middle", String(j))),
    ...every(rows).map((i) => word(LEFT - 6, TOP + (i + 0.5) * cell + 4, "end", String(i))),
    svg(
      "text",
      {
        class: "s2s-label",
        "text-anchor": "middle",
        transform: `translate(10 ${middle}) rotate(-90)`,
      },
      down,
    ),
  ];
}

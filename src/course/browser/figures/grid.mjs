/** A large heatmap without numbers, on which rows and columns can be marked. */

import { svg } from "./dom.mjs";
import { ramp } from "./heat.mjs";

const [LEFT, TOP, EVERY] = [34, 22, 4];

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
  const view = [LEFT + width + 2, TOP + height + 2];
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
  const row = svg("rect", { x: LEFT - 1, width: width + 2, height: cell, class: "s2s-mark-row" });
  const column = svg("rect", {
    y: TOP - 1,
    width: cell,
    height: height + 2,
    class: "s2s-mark-column",
  });
  const cellsOf = svg("g", { "shape-rendering": "crispEdges" }, ...cells);
  el.append(cellsOf, svg("rect", frame), ...names(rows, columns, cell, across, down), column, row);

  const set = (values, low, high) =>
    values.forEach((line, i) =>
      line.forEach((value, j) => {
        cells[i * columns + j].style.fill = ramp((value - low) / (high - low));
      }),
    );
  const mark = (i, j) => {
    row.style.display = i === null ? "none" : "";
    column.style.display = j === null ? "none" : "";
    if (i !== null) row.setAttribute("y", TOP + i * cell);
    if (j !== null) column.setAttribute("x", LEFT + j * cell);
  };
  const inside = (value, most) => Math.min(Math.max(Math.floor(value), 0), most - 1);
  const at = ({ x, y }) => ({
    row: inside((y - TOP) / cell, rows),
    column: inside((x - LEFT) / cell, columns),
  });
  return { el, set, mark, at };
}

function names(rows, columns, cell, across, down) {
  const word = (x, y, anchor, text) =>
    svg("text", { x, y, "text-anchor": anchor, class: "s2s-label" }, text);
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

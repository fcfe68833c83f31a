/** The two drawings of the figure "mask shapes": who sees whom, and how one word has its news. */

import { set, svg } from "./dom.mjs";
import { runs } from "./masks.mjs";

const [LEFT, RIGHT, TOP, BOTTOM] = [44, 4, 42, 4]; // around the matrix
const [NAME, COUNT, LINE, CELL] = [60, 26, 26, 16]; // around and in the lines of the layers
const APART = 26; // pixels from one number of an axis to the next, at least
const DOT = 0.42; // of a cell

/** A rectangle for each stretch of true in a row. */
function stretches(row, { left, top, cell, height }) {
  const one = ([first, last]) =>
    `M${left + first * cell} ${top}h${(last - first + 1) * cell}v${height}h${(first - last - 1) * cell}z`;
  return runs(row).map(one).join("");
}

function text(x, y, anchor, words, kind = "") {
  return svg("text", { x, y, "text-anchor": anchor, class: `s2s-label ${kind}` }, words);
}

/** The numbers that an axis has room for. */
function numbered(length, cell) {
  const step = [1, 2, 4, 8, 16].find((each) => each * cell >= APART);
  return [...Array(length).keys()].filter((i) => i % step === 0);
}

function drawing(label, className) {
  return svg("svg", { role: "img", "aria-label": label, class: className });
}

function size(el, width, height) {
  set(el, { viewBox: `0 0 ${width} ${height}`, width, height });
}

const inside = (value, most) => Math.min(Math.max(Math.floor(value), 0), most - 1);

/**
 * Who sees whom.
 *
 * @param {{ label: string, across: string, down: string }} words
 * @returns {{ el: SVGSVGElement, draw: Function, mark: Function, at: Function }}
 *   `draw(mask, heard, width)` fills the map, `mark(row)` frames a row, `at({ x, y })` is the row
 *   at a place of the drawing
 */
export function matrixView({ label, across, down }) {
  const el = drawing(label, "s2s-mask-map");
  const frames = ["s2s-mask-halo", "s2s-mask-row"].map((name) => svg("rect", { class: name }));
  let [cell, length] = [1, 1];

  const draw = (mask, heard, width) => {
    length = mask.length;
    const side = width - LEFT - RIGHT;
    cell = side / length;
    size(el, width, TOP + side + BOTTOM);
    const place = (i) => ({ left: LEFT, top: TOP + i * cell, cell, height: cell });
    const seen = mask.map((row, i) => stretches(row, place(i))).join("");
    const dots = mask.flatMap((row, i) =>
      row.map((sees, j) =>
        heard[i][j] && !sees ? `M${LEFT + (j + 0.5) * cell} ${TOP + (i + 0.5) * cell}h0` : "",
      ),
    );
    const lines = mask.map(
      (_, i) => `M${LEFT} ${TOP + i * cell}h${side}M${LEFT + i * cell} ${TOP}v${side}`,
    );
    const axis = numbered(length, cell);
    const middle = TOP + side / 2;
    el.replaceChildren(
      svg("path", { class: "s2s-mask-seen", d: seen }),
      svg("path", { class: "s2s-mask-lines", d: lines.join("") }),
      svg("path", { class: "s2s-mask-heard", d: dots.join(""), "stroke-width": DOT * cell }),
      svg("rect", { class: "s2s-mask-edge", x: LEFT, y: TOP, width: side, height: side }),
      text(LEFT + side / 2, 12, "middle", across, "s2s-mask-reads"),
      ...axis.map((j) => text(LEFT + (j + 0.5) * cell, TOP - 8, "middle", String(j))),
      ...axis.map((i) => text(LEFT - 8, TOP + (i + 0.5) * cell + 4, "end", String(i))),
      svg(
        "text",
        {
          class: "s2s-label s2s-mask-asks",
          "text-anchor": "middle",
          transform: `translate(10 ${middle}) rotate(-90)`,
        },
        down,
      ),
      ...frames,
    );
  };
  const mark = (row) => {
    const box = {
      x: LEFT - 2,
      y: TOP + row * cell - 2,
      width: cell * length + 4,
      height: cell + 4,
    };
    frames.forEach((each) => set(each, box));
  };
  const at = ({ y }) => inside((y - TOP) / cell, length);
  return { el, draw, mark, at };
}

/**
 * How one word has its news: a line for each layer, below them the words.
 *
 * @param {{ layer: (number: number) => string, words: string }} names of the lines
 * @returns {{ el: SVGSVGElement, draw: Function, at: Function }} `draw(levels, width, label)` from
 *   the last layer down; `at({ x, y })` is the word at a place of the drawing
 */
export function newsView({ layer, words }) {
  const el = drawing("", "s2s-mask-news");
  let [cell, length] = [1, 1];

  const draw = (levels, width, label) => {
    const last = levels.length - 1;
    const side = width - NAME - COUNT;
    length = levels[0].length;
    cell = side / length;
    size(el, width, LINE * levels.length + 20);
    set(el, { "aria-label": label });
    const lines = levels.flatMap((row, k) => {
      const top = k * LINE + 4;
      const count = row.filter(Boolean).length;
      const place = { left: NAME, top, cell, height: CELL };
      return [
        svg("rect", { class: "s2s-mask-line", x: NAME, y: top, width: side, height: CELL }),
        svg("path", {
          class: k === 0 ? "s2s-mask-self" : "s2s-mask-seen",
          d: stretches(row, place),
        }),
        text(NAME - 8, top + 13, "end", k === last ? words : layer(last - k)),
        text(NAME + side + 6, top + 13, "start", String(count), "s2s-mask-count"),
      ];
    });
    const cuts = levels.flatMap((row, k) =>
      row.map((_, i) => (i ? `M${NAME + i * cell} ${k * LINE + 4}v${CELL}` : "")),
    );
    const bottom = LINE * levels.length + 14;
    el.replaceChildren(
      ...lines,
      svg("path", { class: "s2s-mask-lines", d: cuts.join("") }),
      ...numbered(length, cell).map((i) =>
        text(NAME + (i + 0.5) * cell, bottom, "middle", String(i)),
      ),
    );
  };
  const at = ({ x }) => inside((x - NAME) / cell, length);
  return { el, draw, at };
}

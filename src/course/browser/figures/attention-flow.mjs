/**
 * The steps of Bahdanau's and of Luong's decoder as boxes and arrows: what is computed when, from
 * what, and where it stands in the drawing. A row is a moment, the same in both drawings.
 */

/** What is there at the start, and then what each step computes. */
export const ORDER = {
  bahdanau: [["word", "previous", "memory"], "scores", "weights", "context", "state", "predicted"],
  luong: [["word", "previous", "memory"], "state", "scores", "weights", "context", "predicted"],
};

/** What each part is computed from, in the order in which the arrows arrive. */
export const FROM = {
  bahdanau: {
    scores: ["previous", "memory"],
    weights: ["scores"],
    context: ["weights", "memory"],
    state: ["word", "previous", "context"],
    predicted: ["word", "state", "context"],
  },
  luong: {
    state: ["word", "previous"],
    scores: ["state", "memory"],
    weights: ["scores"],
    context: ["weights", "memory"],
    predicted: ["word", "state", "context"],
  },
};

/** The state that asks. */
export const ASKS = { bahdanau: "previous", luong: "state" };

export const LAST = ORDER.bahdanau.length - 1;

const HIGH = 84; // a box with three lines
const LOW = 50; // with one
const ROWS = [HIGH, HIGH, HIGH, HIGH, LOW, LOW];
const [GAP, GUTTER, BETWEEN] = [26, 18, 10];
const TALL = ["word", "previous", "memory", "scores", "weights"];

/** At which step a part is computed; 0: it is there from the start. */
export function rowOf(kind, name) {
  return ORDER[kind].findIndex((row) => [row].flat().includes(name));
}

/**
 * Places of boxes and ways of arrows, for a drawing of some width.
 *
 * The decoder's column is on the left, with a gutter for the word; the source's is on the right,
 * with a gutter for what the encoder has made.
 *
 * @returns {{ height: number, boxes: Object<string, { x, y, w, h }>, arrows: object[] }}
 *   an arrow has `from`, `to`, the path `d`, and `head`, which puts an arrowhead to its end
 */
export function layout(kind, width) {
  const tops = ROWS.map((_, i) => ROWS.slice(0, i).reduce((sum, row) => sum + row + GAP, 0));
  const half = Math.floor((width - BETWEEN) / 2);
  const narrow = Math.floor((half - 6) * 0.36);
  const across = {
    word: [0, narrow],
    previous: [narrow + 6, half - narrow - 6],
    memory: [half + BETWEEN, half],
    state: [GUTTER, half - GUTTER],
    predicted: [GUTTER, width - GUTTER],
  };
  const boxes = {};
  for (const name of ORDER[kind].flat()) {
    const row = rowOf(kind, name);
    const [x, w] = across[name] ?? [half + BETWEEN, half - GUTTER];
    const h = TALL.includes(name) ? HIGH : LOW;
    const y = tops[row] + (ROWS[row] - h) / 2;
    boxes[name] = { x, y, w, h };
  }
  const ends = Object.entries(FROM[kind]).flatMap(([to, from]) => from.map((each) => [each, to]));
  const arrows = ends.map(([from, to]) => ({ from, to, ...way(boxes, from, to) }));
  return { height: tops[LAST] + ROWS[LAST], boxes, arrows };
}

/** Straight down where that's possible; else down, and in by the side. */
function way(boxes, from, to) {
  const [a, b] = [boxes[from], boxes[to]];
  const [bottom, middle] = [a.y + a.h, b.y + b.h / 2];
  const down = (x) => ({ d: `M${x},${bottom}V${b.y - 2}`, head: turned(x, b.y, 90) });
  const aside = (x, end) => {
    const before = end + (x < end ? -2 : 2);
    return {
      d: `M${x},${bottom}V${middle}H${before}`,
      head: turned(end, middle, x < end ? 0 : 180),
    };
  };
  const right = b.x + b.w;
  if (to === "context" && from === "memory") return aside(a.x + a.w - GUTTER / 2, right);
  if (to === "predicted" && from === "word") return aside(GUTTER / 2, b.x);
  if (to === "scores" && from !== "memory") return aside(a.x + a.w * 0.75, b.x);
  if (to === "state" && from === "context") return aside(a.x + a.w * 0.3, right);
  if (from === "word" || from === "previous") return down(a.x + a.w * 0.45);
  if (to === "predicted" && from === "state") return down(a.x + a.w * 0.3);
  return down(a.x + a.w * 0.6);
}

function turned(x, y, angle) {
  return `translate(${x} ${y}) rotate(${angle})`;
}

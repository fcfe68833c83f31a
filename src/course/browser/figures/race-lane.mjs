/** One network of the race: its words as cells, a bar of the time it has used, and what it waits for. */

import { html, svg } from "./dom.mjs";
import { cells, duration, share, wordByWord } from "./race.mjs";
import { STRINGS } from "./strings/speed-of-sight.mjs";
import { fill } from "./words.mjs";

const [HIGHEST, LARGEST] = [110, 22]; // pixels of all cells together, and of one
const FULL = 0.8; // of the width

/**
 * @param {string} kind "gru" or "transformer"
 * @param {object} race what is shown: mode, count, totals, slowest, notes
 * @param {number} width in pixels
 * @returns {{ el: HTMLElement, set: (time: number) => void }} `set` shows a moment
 */
export function lane(kind, race, width) {
  const { mode, count, totals, slowest } = race;
  const ordered = kind === "gru" || mode === "generation"; // word by word
  const words = ordered ? inOrder(mode) : atOnce();
  const drawing = cellsOf(count, width);
  const how = STRINGS.how[ordered ? "one" : "all"];
  drawing.setAttribute(
    "aria-label",
    fill(STRINGS.drawing, { kind: STRINGS.kinds[kind], count, how }),
  );
  const used = html("span", { class: "s2s-used" });
  const time = html("span", { class: "s2s-time" });
  const title = html("h4", {}, STRINGS.kinds[kind], html("span", { class: "s2s-note" }, how));
  const el = html(
    "div",
    { class: `s2s-lane s2s-lane-${kind}` },
    html("div", { class: "s2s-lane-head" }, title, time),
    drawing,
    html("div", { class: "s2s-lane-track" }, used),
    html("p", { class: "s2s-note" }, race.notes[kind]),
  );
  const set = (now) => {
    const mine = Math.min(now, totals[kind]);
    const done = now >= totals[kind];
    words.set(drawing, share(now, totals[kind]), count);
    used.style.width = `${(100 * mine) / slowest}%`;
    time.textContent = fill(done ? STRINGS.finished : STRINGS.going, { time: duration(mine) });
    el.classList.toggle("s2s-finished", done);
  };
  return { el, set };
}

function cellsOf(count, width) {
  const { columns, side } = cells(count, Math.max(width, 1), HIGHEST, LARGEST);
  const gap = side > 3 ? 2 : 1; // of which the outline takes one
  // rows that nearly fill the width fill it, on whole pixels
  const across = columns * side > FULL * width ? (width - 1) / columns : side;
  const left = (column) => Math.floor(column * across);
  const rects = Array.from({ length: count }, (_, i) => {
    const column = i % columns;
    return svg("rect", {
      x: left(column) + 0.5,
      y: Math.floor(i / columns) * side + 0.5,
      width: Math.max(left(column + 1) - left(column) - gap, 1),
      height: Math.max(side - gap, 1),
      rx: side > 8 ? 2 : 0,
    });
  });
  const size = { width: left(columns) + 1, height: Math.ceil(count / columns) * side + 1 };
  return svg("svg", { ...size, role: "img", class: "s2s-cells" }, ...rects);
}

/** Each word when it has its turn; in training once on the way there and once on the way back. */
function inOrder(mode) {
  const shown = [];
  const set = (drawing, done, count) => {
    const { there, back } = wordByWord(mode, count, done);
    const now = back ? count - back : there;
    const twoWays = mode === "training";
    for (let i = 0; i < count; i += 1) {
      const full = twoWays ? i >= count - back : i < there;
      const state = full ? "s2s-full" : i < there ? "s2s-half" : "";
      const name = i === now && done > 0 && done < 1 ? `${state} s2s-turn` : state;
      if (shown[i] === name) continue;
      shown[i] = name;
      drawing.children[i].setAttribute("class", name);
    }
  };
  return { set };
}

/** All words alike, filling as time goes by. */
function atOnce() {
  const set = (drawing, done) =>
    drawing.style.setProperty("--s2s-done", `${Math.round(100 * done)}%`);
  return { set };
}

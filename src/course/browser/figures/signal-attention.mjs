/** Image and sound attention: which strip, which moment, each letter was read from; and back. */

import { bar, button, choice, result, slider } from "./controls.mjs";
import { html, set as setAttributes, svg } from "./dom.mjs";
import { drag } from "./drag.mjs";
import { fit } from "./fit.mjs";
import { percent } from "./format.mjs";
import { figure } from "./frame.mjs";
import { soft } from "./heat.mjs";
import { levels, strongest } from "./signal.mjs";
import { STRINGS } from "./strings/signal-attention.mjs";
import { fill } from "./words.mjs";

const [LEFT, ROW, GAP, WIDEST] = [38, 22, 6, 860];
const IMAGE = { picture: 110, sound: 130 };
const LEAST = 0.1; // weights that are told in a sentence
const DIM = 0.8; // how far a piece fades that wasn't read
const PAUSE = 1100; // milliseconds for each letter

export default figure("signal-attention", ({ stage, data }) => {
  const { letters, views } = data;
  const state = { letter: 0, view: null, piece: 0 };
  const outcome = result();
  const shown = views.map((view, i) => panel(view, letters, (piece) => choosePiece(i, piece)));

  const show = (now = state) => {
    shown.forEach((each, i) => each.mark(now, i));
    outcome.set(conclusion(data, now));
  };
  const chooseLetter = (letter) => {
    Object.assign(state, { letter, view: null });
    written.set(letter);
    show();
  };
  const choosePiece = (view, piece) => {
    playing.stop();
    Object.assign(state, { view, piece });
    show();
  };
  const written = choice({
    label: STRINGS.letter,
    options: letters.map((label, value) => ({ value, label })),
    value: 0,
    onChange: (letter) => {
      playing.stop();
      chooseLetter(letter);
    },
  });
  // a letter under the mouse is shown for as long as it is there
  written.el.querySelectorAll("label").forEach((label, letter) => {
    const preview = (event) => {
      if (event.pointerType === "mouse" && !playing.on()) show({ letter, view: null });
    };
    label.addEventListener("pointerenter", preview);
    label.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && show());
    label.addEventListener("click", () => chooseLetter(letter));
  });
  const playing = player(
    () => chooseLetter((state.letter + 1) % letters.length),
    () => state.letter === letters.length - 1,
    () => chooseLetter(0),
  );

  stage.append(bar(written, playing), ...shown.map((each) => each.el), outcome.el);
  const stops = shown.map((each) => fit(each.place, (wide) => each.draw(wide, state)));
  show();
  return () => [playing.stop, ...stops].forEach((stop) => stop());
});

/** A button that goes through the letters; with reduced motion, one letter a press. */
function player(next, atEnd, restart) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches)
    return { ...button({ label: STRINGS.next, onClick: next }), stop() {}, on: () => false };
  let timer = 0;
  const stop = () => {
    clearInterval(timer);
    timer = 0;
    control.set(STRINGS.play);
  };
  const start = () => {
    restart();
    control.set(STRINGS.stop);
    timer = setInterval(() => {
      next();
      if (atEnd()) stop();
    }, PAUSE);
  };
  const control = button({ label: STRINGS.play, onClick: () => (timer ? stop() : start()) });
  return { ...control, stop, on: () => timer !== 0 };
}

/** A signal with its map and the slider of its pieces. */
function panel(view, letters, choose) {
  const count = view.weights[0].length;
  const place = html("div");
  const words = { count, rows: letters.length };
  const pieces = slider({
    label: STRINGS.piece[view.name],
    min: 1,
    max: count,
    value: 1,
    role: "key",
    format: (piece) => fill(STRINGS.of, { piece, count }),
    onChange: (piece) => choose(piece - 1),
  });
  let drawing = null;
  const mark = (state, index) => {
    if (state.view === index) pieces.set(state.piece + 1);
    drawing?.mark(state.letter, state.view === null ? null : state.view === index && state.piece);
  };
  const draw = (wide, state) => {
    drawing = drawn(Math.min(wide, WIDEST), view, letters, fill(STRINGS.drawing[view.name], words));
    drag(drawing.el, ({ x }) => choose(drawing.at(x)));
    place.replaceChildren(drawing.el);
    redraw(state);
  };
  // which of the views this is, is known to the caller alone
  let redraw = () => {};
  const el = html(
    "div",
    { class: "s2s-signal" },
    html("p", { class: "s2s-title" }, STRINGS.title[view.name]),
    html("p", { class: "s2s-note" }, fill(STRINGS.note[view.name], words)),
    place,
    pieces.el,
  );
  return {
    el,
    place,
    draw,
    mark: (state, index) => {
      redraw = (now) => mark(now, index);
      mark(state, index);
    },
  };
}

/** The drawing at a width: `mark(letter, piece)`, of which one counts; `at(x)` is a piece. */
function drawn(width, { name, image, piece: size, weights }, letters, label) {
  const count = weights[0].length;
  const cell = (width - LEFT - 2) / count;
  const [top, high] = [2, IMAGE[name]];
  const below = top + high + GAP;
  const height = below + letters.length * ROW + 2;
  const pixel = cell / size;
  const x = (s) => LEFT + s * cell;
  const ink = levels(image).map(({ level, d }) =>
    svg("path", { d, "fill-opacity": (level / 15).toFixed(2) }),
  );
  const move = `translate(${LEFT} ${top}) scale(${pixel} ${high / image.length})`;
  const fades = weights[0].map((_, s) =>
    svg("rect", { x: x(s), y: top, width: cell, height: high, class: "s2s-signal-fade" }),
  );
  const cuts = weights[0].map((_, s) => `M${x(s)} ${top}v${high}`).join("");
  const numbers = [];
  const map = weights.flatMap((row, t) =>
    row.map((weight, s) => {
      const y = below + t * ROW;
      const text = svg("text", { x: x(s) + cell / 2, y: y + 15, class: "s2s-signal-number" });
      numbers.push(text);
      const box = svg("rect", { x: x(s), y, width: cell, height: ROW });
      box.style.fill = soft(weight);
      return svg("g", {}, box, text);
    }),
  );
  const names = letters.map((letter, t) =>
    svg("text", { x: LEFT - 6, y: below + t * ROW + 15, class: "s2s-signal-letter" }, letter),
  );
  const row = svg("rect", { x: LEFT, width: count * cell, height: ROW, class: "s2s-signal-row" });
  const column = svg("rect", { y: top, width: cell, height: height - top - 2 });
  setAttributes(column, { class: "s2s-mark-column" });
  const el = svg(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": label },
    svg("g", { transform: move, class: "s2s-signal-ink" }, ...ink),
    ...fades,
    svg("path", { d: cuts, class: "s2s-signal-cut" }),
    svg("rect", { x: LEFT, y: top, width: count * cell, height: high, class: "s2s-signal-edge" }),
    ...map,
    ...names,
    row,
    column,
  );
  const mark = (letter, piece) => {
    const byLetter = piece === null;
    const byPiece = typeof piece === "number";
    row.style.display = byLetter ? "" : "none";
    column.style.display = byPiece ? "" : "none";
    setAttributes(row, { y: below + letter * ROW });
    if (byPiece) setAttributes(column, { x: x(piece) });
    names.forEach((each, t) => each.classList.toggle("s2s-chosen", byLetter && t === letter));
    numbers.forEach((text, i) => {
      const [t, s] = [Math.floor(i / count), i % count];
      const told = (byLetter && t === letter) || (byPiece && s === piece);
      const hundredths = Math.round(100 * weights[t][s]);
      text.textContent = told && hundredths > 0 ? String(hundredths) : "";
    });
    const most = Math.max(...weights[letter]);
    fades.forEach((each, s) => {
      const read = byLetter ? weights[letter][s] / most : Number(!byPiece || s === piece);
      each.style.opacity = String(DIM * (1 - read));
    });
  };
  const at = (where) => Math.min(Math.max(Math.floor((where - LEFT) / cell), 0), count - 1);
  return { el, mark, at };
}

function conclusion({ letters, views }, { letter, view, piece }) {
  const list = (weights, name) =>
    strongest(weights, LEAST)
      .map((i) => fill(STRINGS.share, { name: name(i), share: percent(weights[i]) }))
      .join(STRINGS.and);
  if (view === null) {
    const read = views.map(({ name, weights }) => [name, list(weights[letter], (s) => s + 1)]);
    return fill(STRINGS.byLetter, { letter: letters[letter], ...Object.fromEntries(read) });
  }
  const { name, weights } = views[view];
  const column = weights.map((row) => row[piece]);
  return fill(STRINGS.byPiece[name], {
    piece: piece + 1,
    letters: list(column, (t) => letters[t]),
  });
}

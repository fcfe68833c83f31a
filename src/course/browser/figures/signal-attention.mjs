/** Image and sound attention: which strip, which moment, each letter was read from; and back. */

import { bar, button, choice, result, slider } from "./controls.mjs";
import { html, set as setAttributes, svg } from "./dom.mjs";
import { drag } from "./drag.mjs";
import { fit } from "./fit.mjs";
import { percent } from "./format.mjs";
import { figure } from "./frame.mjs";
import { ramp } from "./heat.mjs";
import { levels, strongest } from "./signal.mjs";
import { STRINGS } from "./strings/signal-attention.mjs";
import { fill } from "./words.mjs";

const [LEFT, ROW, GAP, FEET] = [38, 22, 6, 18];
const HIGH = 120; // of a signal, in pixels
const EVERY = 5; // pieces between two that are numbered
const DEEPEST = 0.58; // of the ramp: as far as ink can be read on it, light or dark
const LEAST = 0.1; // weights that are told in a sentence
const DIM = 0.55; // how far a piece fades that wasn't read
const PAUSE = 1100; // milliseconds for each letter

export default figure("signal-attention", ({ stage, data }) => {
  const { letters, views } = data;
  const state = { letter: 0, view: null, piece: 0 };
  const outcome = result();
  const shown = views.map((view, i) =>
    panel(view, letters, (piece) =>
      piece === null ? chooseLetter(state.letter) : choosePiece(i, piece),
    ),
  );

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

  const signals = html("div", { class: "s2s-signals" }, ...shown.map((each) => each.el));
  stage.append(bar(written, playing), signals, outcome.el);
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
    min: 0, // none: letters are looked at
    max: count,
    value: 0,
    role: "key",
    format: (piece) => (piece ? fill(STRINGS.of, { piece, count }) : STRINGS.unchosen),
    onChange: (piece) => choose(piece ? piece - 1 : null),
  });
  let drawing = null;
  const mark = (state, index) => {
    pieces.set(state.view === index ? state.piece + 1 : 0);
    drawing?.mark(state.letter, state.view === null ? null : state.view === index && state.piece);
  };
  const draw = (wide, state) => {
    drawing = drawn(wide, view, letters, fill(STRINGS.drawing[view.name], words));
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
function drawn(width, { image, piece: size, weights }, letters, label) {
  const count = weights[0].length;
  const cell = (width - LEFT - 2) / count;
  const [top, high] = [2, HIGH];
  const below = top + high + GAP;
  const foot = below + letters.length * ROW;
  const height = foot + FEET;
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
  const heaviest = Math.max(...weights.flat());
  const lines = letters.map((_, t) => `M${LEFT} ${below + (t + 1) * ROW}h${count * cell}`).join("");
  const feet = weights[0].flatMap((_, s) =>
    s === 0 || (s + 1) % EVERY === 0
      ? [
          svg(
            "text",
            { x: x(s) + cell / 2, y: height - 3, class: "s2s-signal-foot" },
            String(s + 1),
          ),
        ]
      : [],
  );
  const numbers = [];
  const map = weights.flatMap((row, t) =>
    row.map((weight, s) => {
      const y = below + t * ROW;
      const text = svg("text", { x: x(s) + cell / 2, y: y + 15, class: "s2s-signal-number" });
      text.style.fontSize = `${Math.min(12, Math.max(cell * 0.68, 9))}px`;
      numbers.push(text);
      const box = svg("rect", { x: x(s), y, width: cell, height: ROW });
      box.style.fill = ramp((DEEPEST * weight) / heaviest);
      return svg("g", {}, box, text);
    }),
  );
  const names = letters.map((letter, t) =>
    svg("text", { x: LEFT - 6, y: below + t * ROW + 15, class: "s2s-signal-letter" }, letter),
  );
  const row = svg("rect", { x: LEFT, width: count * cell, height: ROW, class: "s2s-signal-row" });
  const column = svg("rect", { y: top, width: cell, height: foot - top });
  setAttributes(column, { class: "s2s-mark-column" });
  const el = svg(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": label },
    svg("g", { transform: move, class: "s2s-signal-ink" }, ...ink),
    ...fades,
    svg("path", { d: cuts, class: "s2s-signal-cut" }),
    svg("rect", { x: LEFT, y: top, width: count * cell, height: high, class: "s2s-signal-edge" }),
    ...map,
    svg("path", { d: lines, class: "s2s-grid" }),
    ...feet,
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
  const list = (weights, name, places = strongest(weights, LEAST)) =>
    places
      .map((i) => fill(STRINGS.share, { name: name(i), share: percent(weights[i]) }))
      .join(STRINGS.and);
  const pieces = (name, weights) => {
    const places = strongest(weights, LEAST);
    const words = places.length > 1 ? STRINGS.several[name] : STRINGS.one[name];
    return fill(words, { list: list(weights, (s) => s + 1, places) });
  };
  if (view === null) {
    const read = views.map(({ name, weights }) => [name, pieces(name, weights[letter])]);
    return fill(STRINGS.byLetter, { letter: letters[letter], ...Object.fromEntries(read) });
  }
  const { name, weights } = views[view];
  const column = weights.map((row) => row[piece]);
  return fill(STRINGS.byPiece[name], {
    piece: piece + 1,
    letters: list(column, (t) => letters[t]),
  });
}

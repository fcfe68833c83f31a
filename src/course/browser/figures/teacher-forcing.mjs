/** Teacher forcing: one sentence written on own words and on the reference's; plant a mistake. */

import { bar, button, choice, list, result } from "./controls.mjs";
import { html, set as setAttributes } from "./dom.mjs";
import { figure } from "./frame.mjs";
import { STRINGS } from "./strings/teacher-forcing.mjs";
import { plantedAt, traces, WAYS } from "./traces.mjs";
import { fill } from "./words.mjs";

const MOVES = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

export default figure("teacher-forcing", ({ stage, data }) => {
  const { sentences, kinds } = data;
  const state = { sentence: 0, kind: kinds[0], place: null };
  const reference = html("p", { class: "s2s-passage" });
  const outcome = result();
  const tracks = WAYS.map((way) => trackOf(way, (place) => plant(place, way)));

  const update = (moved = null) => {
    const sentence = sentences[state.sentence];
    const planted = state.place === null ? null : plantedAt(sentence, state.place, state.kind);
    const found = traces(sentence, planted);
    const open = (place) => plantedAt(sentence, place, state.kind) !== null;
    tracks.forEach((track, i) => track.set(found[WAYS[i]].steps, { open, moved }));
    outcome.set(conclusion(sentence, planted, found));
    setAttributes(undo.el, { disabled: planted === null });
  };
  const plant = (place, way) => {
    state.place = place;
    update(place);
    tracks[WAYS.indexOf(way)].focus(place);
  };
  const choose = (index) => {
    Object.assign(state, { sentence: index, place: null });
    reference.replaceChildren(
      html("span", { class: "s2s-passage-name" }, STRINGS.reference),
      " ",
      html("span", { lang: "fr" }, sentences[index].text),
    );
    tracks.forEach((track) => track.forget());
    update();
  };
  const chosen = list({
    label: STRINGS.sentence,
    options: sentences.map(({ source }, value) => ({ value, label: source })),
    value: 0,
    onChange: (value) => choose(Number(value)),
  });
  const kind = choice({
    label: STRINGS.kind,
    options: kinds.map((value) => ({ value, label: STRINGS[value] })),
    value: state.kind,
    onChange: (value) => {
      state.kind = value;
      update(state.place);
    },
  });
  const undo = button({
    label: STRINGS.undo,
    onClick: () => {
      const { place } = state;
      state.place = null;
      update();
      tracks[0].focus(place);
    },
  });
  stage.append(
    bar(chosen),
    reference,
    bar(kind, undo),
    outcome.el,
    ...tracks.map((track) => track.el),
  );
  choose(0);
});

/**
 * One way through the sentence: what is read above, what is written below, as buttons.
 *
 * Arrow keys lead from word to word; one of them is a stop of the Tab key.
 */
function trackOf(way, plant) {
  const steps = html("div", {
    class: "s2s-track-steps",
    role: "group",
    "aria-label": fill(STRINGS.track, { way: STRINGS[way] }),
    onkeydown: (event) => move(event),
  });
  const key = html(
    "div",
    { class: "s2s-track-key", "aria-hidden": "true" },
    html("span", {}, STRINGS.reads),
    html("span", {}, STRINGS.writes),
  );
  const el = html(
    "div",
    { class: `s2s-track s2s-track-${way}` },
    html("p", { class: "s2s-title" }, STRINGS[way], " ", html("small", {}, STRINGS[`${way}Note`])),
    html("div", { class: "s2s-track-line" }, key, steps),
  );
  let buttons = [];
  let current = 0;

  const stop = (index) => {
    current = Math.min(Math.max(index, 0), buttons.length - 1);
    buttons.forEach((each, i) => setAttributes(each, { tabindex: i === current ? 0 : -1 }));
  };
  const focus = (index) => {
    stop(index);
    buttons[current].focus();
  };
  const move = (event) => {
    const ends = { Home: 0, End: buttons.length - 1 };
    const to = event.key in MOVES ? current + MOVES[event.key] : ends[event.key];
    if (to === undefined) return;
    event.preventDefault();
    focus(to);
  };
  const set = (found, { open, moved }) => {
    const cells = found.map((step, place) =>
      cellOf(step, place, open(place) && (() => plant(place))),
    );
    cells.forEach(({ el: cell }, place) => {
      if (way === "free" && moved !== null && place > moved) {
        cell.classList.add("s2s-appears");
        cell.style.animationDelay = `${(place - moved) * 90}ms`;
      }
    });
    buttons = cells.map(({ button: each }) => each).filter(Boolean);
    steps.replaceChildren(...cells.map((cell) => cell.el));
    stop(current);
  };
  return { el, set, focus, forget: () => (current = 0) };
}

/** One step: the word that is read, and the word that is written, a button where it can be replaced. */
function cellOf(step, place, onclick) {
  const { reads, writes, wrong, planted, behind, mended } = step;
  const word = html(
    "span",
    { class: !writes && "s2s-mute", lang: writes ? "fr" : null },
    said(writes),
  );
  const names = classes("s2s-writes", wrong && "s2s-wrong", planted && "s2s-planted");
  const written = onclick
    ? html("button", { class: names, type: "button", onclick, "aria-label": labelOf(step, place) })
    : html("span", { class: `${names} s2s-fixed` });
  written.append(word, " ", html("small", {}, chanceOf(step)));
  const read = html(
    "span",
    {
      class: classes("s2s-reads", mended && "s2s-mended", !reads && "s2s-mute"),
      lang: reads ? "fr" : null,
    },
    reads || STRINGS.start,
  );
  const el = html("div", { class: classes("s2s-step", behind && "s2s-behind") }, read, written);
  return { el, button: onclick ? written : null };
}

function chanceOf({ percent, planted }) {
  if (planted) return STRINGS.planted;
  return percent === null ? "" : fill(STRINGS.percent, { percent });
}

/** What is seen on a button comes first in its name, so that it can be called by it. */
function labelOf(step, place) {
  const facts = {
    place: place + 1,
    reads: step.reads || STRINGS.start,
    writes: said(step.writes),
    chance: chanceOf(step),
  };
  return fill(STRINGS.step, facts) + (step.wrong ? STRINGS.stepWrong : "");
}

function classes(...names) {
  return names.filter(Boolean).join(" ");
}

function said(word) {
  return word || STRINGS.end;
}

function conclusion(sentence, planted, { free, forced }) {
  const words = sentence.reference.length - 1;
  const facts = { words, free: free.missed, forced: forced.missed };
  if (!planted) return fill(STRINGS.before, facts);
  const { place } = planted;
  return fill(place < words ? STRINGS.after : STRINGS.afterBeyond, {
    ...facts,
    place: place + 1,
    wrong: planted.words[place],
    right: said(sentence.free.words[place]),
    before: sentence.free.missed,
  });
}

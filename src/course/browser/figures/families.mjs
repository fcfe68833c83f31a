/** Families: a card for each, with its mask, its objective, and what it scored here. */

import { bar, choice, result, toggle } from "./controls.mjs";
import { html, svg } from "./dom.mjs";
import { fixed } from "./format.mjs";
import { figure } from "./frame.mjs";
import { strip } from "./strip.mjs";
import { STRINGS } from "./strings/families.mjs";
import { fill } from "./words.mjs";

const CELL = 13;

export default figure("families", ({ stage, data }) => {
  const state = { kind: "classify", shown: data.cards.map(({ family }) => family) };
  const place = html("div", { class: "s2s-families-cards" });
  const outcome = result();
  const key = html("p", { class: "s2s-note" });
  const update = () => {
    const cards = data.cards.filter(({ family }) => state.shown.includes(family));
    place.replaceChildren(...cards.map((each) => card(each, state, data)));
    key.textContent = cards.length ? legend(cards.flatMap(chosen(state)), data.marks) : "";
    outcome.set(conclusion(cards, state, data));
  };
  const kind = choice({
    label: STRINGS.kind,
    options: Object.entries(STRINGS.kinds).map(([value, label]) => ({ value, label })),
    value: state.kind,
    onChange: (wanted) => {
      state.kind = wanted;
      update();
    },
  });
  const boxes = data.cards.map(({ family }) =>
    toggle({
      label: STRINGS.families[family],
      value: true,
      onChange: (on) => {
        const others = state.shown.filter((each) => each !== family);
        state.shown = on ? [...others, family] : others;
        update();
      },
    }),
  );
  const filter = { el: html("div", { role: "group", "aria-label": STRINGS.shown }, bar(...boxes)) };
  stage.append(bar(kind, filter), outcome.el, place, key);
  update();
});

function card({ family, mask, split, scores }, { kind }, { article, marks }) {
  const named = kind !== "all" && article[kind] === family;
  // the encoder writes in a way of its own, the others classify in theirs
  const tells = kind === "all" || (family === "encoder") !== (kind === "classify");
  const badge = named ? [html("span", { class: "s2s-badge" }, STRINGS.article)] : [];
  return html(
    "section",
    { class: `s2s-family${named ? " s2s-named" : ""}`, "aria-label": STRINGS.families[family] },
    html("p", { class: "s2s-title" }, STRINGS.families[family], ...badge),
    html("p", { class: "s2s-note" }, STRINGS.published[family]),
    html(
      "div",
      { class: "s2s-family-mask" },
      maskPicture(family, mask, split),
      html("p", { class: "s2s-note" }, STRINGS.masks[family]),
    ),
    html("p", {}, html("b", {}, `${STRINGS.objective} `), `${STRINGS.objectives[family]}.`),
    ...(tells ? [html("p", { class: "s2s-note" }, STRINGS.writes[family])] : []),
    html("p", { class: "s2s-title" }, STRINGS.results),
    html(
      "ul",
      { class: "s2s-scores" },
      ...chosen({ kind })({ scores }).map((each) => score(each, marks)),
    ),
  );
}

/** The scores of a card at what the cards are to do. */
function chosen({ kind }) {
  return ({ scores }) => scores.filter((each) => kind === "all" || each.kind === kind);
}

function maskPicture(family, mask, split) {
  const side = mask.length * CELL;
  const cells = mask.flatMap((row, i) =>
    row.map((seen, j) =>
      svg("rect", {
        x: 1 + j * CELL,
        y: 1 + i * CELL,
        width: CELL,
        height: CELL,
        class: seen ? "s2s-seen" : "s2s-blind",
      }),
    ),
  );
  const at = 1 + split * CELL;
  const line = (points) => svg("line", { ...points, class: "s2s-split" });
  const lines = split
    ? [line({ x1: at, x2: at, y1: 1, y2: side + 1 }), line({ y1: at, y2: at, x1: 1, x2: side + 1 })]
    : [];
  const words = { family: STRINGS.families[family], words: STRINGS.masks[family] };
  return svg(
    "svg",
    {
      viewBox: `0 0 ${side + 2} ${side + 2}`,
      width: side + 2,
      height: side + 2,
      role: "img",
      "aria-label": fill(STRINGS.mask, words),
    },
    ...cells,
    ...lines,
  );
}

function score({ task, deep, interval }, marks) {
  const name = deep ? fill(STRINGS.deep, { task: STRINGS.tasks[task] }) : STRINGS.tasks[task];
  return html(
    "li",
    {},
    html("span", {}, name),
    strip(interval, { from: 0, to: 1, mark: marks[task] }),
    html("span", { class: "s2s-numbers" }, words(interval)),
  );
}

function words([mean, low, high]) {
  return fill(STRINGS.score, { mean: fixed(mean), low: fixed(low), high: fixed(high) });
}

function legend(scores, marks) {
  const tasks = [...new Set(scores.map(({ task }) => task))].filter((task) => task in marks);
  const names = [...new Set(tasks.map((task) => STRINGS.marks[task]))].join(", ");
  return names ? fill(STRINGS.legend, { marks: names }) : STRINGS.legendNone;
}

function conclusion(cards, { kind }, { cards: all, article, tasks }) {
  if (!cards.length) return STRINGS.none;
  if (kind === "all") return fill(STRINGS.resultAll, { count: cards.length, all: all.length });
  const list = tasks[kind].map((task) => best(task, cards)).join("; ");
  const named = STRINGS.families[article[kind]];
  return fill(STRINGS.result, { kind: STRINGS.kinds[kind], family: named, list });
}

/** Which of the shown families has the highest mean at a task, and whose intervals touch its own. */
function best(task, cards) {
  const found = cards
    .map(({ family, scores }) => ({
      family,
      interval: scores.find((each) => each.task === task && !each.deep).interval,
    }))
    .sort((a, b) => b.interval[0] - a.interval[0]);
  const [first, ...others] = found;
  const near = others.filter(({ interval }) => interval[2] >= first.interval[1]);
  const families = near.map(({ family }) => STRINGS.families[family]).join(", ");
  return fill(STRINGS.best, {
    task: STRINGS.tasks[task],
    family: STRINGS.families[first.family],
    mean: fixed(first.interval[0]),
    overlap: families ? fill(STRINGS.overlap, { families }) : STRINGS.apart,
  });
}

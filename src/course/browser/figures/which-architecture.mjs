/** Which architecture? The article's flowchart, each of its ends with what was measured. */

import { result } from "./controls.mjs";
import { freshId, html, svg } from "./dom.mjs";
import { fit } from "./fit.mjs";
import { fixed } from "./format.mjs";
import { figure } from "./frame.mjs";
import { strip } from "./strip.mjs";
import { STRINGS as FAMILIES } from "./strings/families.mjs";
import { STRINGS } from "./strings/which-architecture.mjs";
import { fill } from "./words.mjs";

const [WIDE, ARROW] = [560, 30]; // narrower ones have the options below one another
const MOST = 0.35; // margins are drawn from minus this to this

export default figure("which-architecture", ({ stage, data }) => {
  const state = { kind: "classify", task: data.tasks.classify[0] };
  const [top, below, end] = [0, 1, 2].map(() => html("div", { class: "s2s-flow" }));
  const outcome = result();
  let width = WIDE;

  const update = () => {
    const again = question(STRINGS.second[state.kind], data.tasks[state.kind], {
      words: STRINGS.tasks,
      chosen: state.task,
      onChange: (task) => {
        state.task = task;
        drawArrows();
        conclude();
      },
    });
    below.replaceChildren(again);
    drawArrows();
    conclude();
  };
  const drawArrows = () =>
    [top, below].forEach((level, i) => arrows(level, i ? state.task : state.kind, width));
  const conclude = () => {
    end.replaceChildren(evidence(state, data));
    outcome.set(conclusion(state, data));
  };
  const first = question(STRINGS.first, Object.keys(data.tasks), {
    words: STRINGS.kinds,
    chosen: state.kind,
    onChange: (kind) => {
      Object.assign(state, { kind, task: data.tasks[kind][0] });
      update();
    },
  });
  top.append(first);
  stage.append(top, below, end, outcome.el);
  update();
  return fit(top, (wide) => {
    width = wide;
    drawArrows();
  });
});

/** A question and its answers, as radio buttons that look like boxes of a flowchart. */
function question(title, values, { words, chosen, onChange }) {
  const name = freshId("flow");
  const box = (value) => {
    const input = html("input", {
      type: "radio",
      name,
      value,
      checked: value === chosen,
      onchange: () => onChange(value),
    });
    return html("label", {}, input, html("span", {}, words[value]));
  };
  const options = html("div", { class: "s2s-options s2s-pills" }, ...values.map(box));
  options.style.setProperty("--s2s-options", values.length);
  return html(
    "fieldset",
    {},
    html("legend", {}, title),
    html("div", { class: "s2s-arrows" }),
    options,
  );
}

/** Lines from a question to each answer; the chosen one is thick, and has a tip. */
function arrows(level, chosen, width) {
  const values = [...level.querySelectorAll("input")].map((input) => input.value);
  const place = level.querySelector(".s2s-arrows");
  level.classList.toggle("s2s-narrow", width < WIDE);
  if (width < WIDE) return place.replaceChildren();
  const middle = width / 2;
  const lines = values.map((value, i) => {
    const x = ((i + 0.5) * width) / values.length;
    const bend = `C${middle},${ARROW / 2} ${x},${ARROW / 3} ${x},${ARROW - 7}`;
    const d = `M${middle},0${bend}M${x - 5},${ARROW - 8}l5,7l5,-7`;
    return svg("path", { d, class: value === chosen ? "s2s-taken" : "s2s-other" });
  });
  const view = { viewBox: `0 0 ${width} ${ARROW}`, width, height: ARROW, "aria-hidden": "true" };
  place.replaceChildren(svg("svg", view, ...lines.sort(takenLast)));
}

function takenLast(a, b) {
  return a.classList.contains("s2s-taken") - b.classList.contains("s2s-taken");
}

/** What stands at the end of a path. */
function evidence({ kind, task }, data) {
  const { margins, scores, mark, claim, verdict } = data.ends[task];
  const row = (name, interval, options, more) =>
    html(
      "li",
      {},
      html("span", {}, name),
      strip(interval, options),
      html("span", { class: "s2s-numbers" }, words(interval, options.signed), more ?? ""),
    );
  const equals = ["parameters", "operations"].map((equal) =>
    row(
      STRINGS[equal],
      margins[equal],
      { from: -MOST, to: MOST, mark: 0, signed: true },
      html("b", {}, ` ${judged(margins[equal])}`),
    ),
  );
  const each = scores.map(({ family, interval }) =>
    row(FAMILIES.families[family], interval, { from: 0, to: 1, mark: mark ?? undefined }),
  );
  const numbers = { mark: mark === null ? "" : fixed(mark), ...shares(data.labels) };
  const part = (title, ...content) =>
    html("div", {}, html("p", { class: "s2s-title" }, title), ...content);
  return html(
    "div",
    { class: "s2s-end" },
    html(
      "p",
      { class: "s2s-choice-named" },
      `${STRINGS.article} `,
      html("b", {}, STRINGS.choices[kind]),
    ),
    part(
      STRINGS.margin,
      html("ul", { class: "s2s-scores s2s-margins" }, ...equals),
      html("p", { class: "s2s-note" }, fill(STRINGS.marginLegend, { most: fixed(MOST) })),
    ),
    part(STRINGS.scores, html("ul", { class: "s2s-scores" }, ...each)),
    html(
      "div",
      {},
      html("p", {}, fill(STRINGS.notes[task], numbers)),
      html("p", {}, html("b", {}, `${STRINGS.caveat}: `), `${STRINGS.caveats[kind]}.`),
      html("p", { class: "s2s-note" }, fill(STRINGS.verdict, { claim, verdict })),
    ),
  );
}

function shares(labels) {
  return Object.fromEntries(Object.entries(labels).map(([name, [mean]]) => [name, fixed(mean)]));
}

/** Whether an interval lies on one side of zero. */
export function judged([, low, high]) {
  if (low > 0) return STRINGS.ahead;
  return high < 0 ? STRINGS.behind : STRINGS.open;
}

/** A score with two digits; a margin with its sign and three, so that it doesn't round to zero. */
function words([mean, low, high], signed) {
  const say = (value) => (signed && value > 0 ? "+" : "") + fixed(value, signed ? 3 : 2);
  return fill(STRINGS.interval, { mean: say(mean), low: say(low), high: say(high) });
}

function conclusion({ kind, task }, { ends }) {
  const { margins } = ends[task];
  return fill(STRINGS.result, {
    path: STRINGS.tasks[task][0].toUpperCase() + STRINGS.tasks[task].slice(1),
    choice: STRINGS.choices[kind],
    parameters: `${words(margins.parameters, true)}, ${judged(margins.parameters)}`,
    operations: `${words(margins.operations, true)}, ${judged(margins.operations)}`,
  });
}

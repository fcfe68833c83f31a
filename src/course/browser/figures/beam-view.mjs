/**
 * The tree of a beam search, step by step: what was kept, what was finished, what was dropped.
 *
 *     const view = new BeamView();
 *     somewhere.append(view.el);
 *     view.show({ steps, hypothesis });
 *
 * `steps` is the tree and `hypothesis` its output (`{ tokens, finished }`), as `translate.mjs` gives
 * them. Columns are steps, from left to right as one reads; candidates stand below each other, best
 * on top. The thick line leads to the output. `marks` may name further paths,
 * `{ sign, label, nodes }` each, `nodes` a list of `[step, place]`: their nodes carry the sign.
 */

import { say } from "../strings.mjs";
import { readable } from "./attention-data.mjs";
import { isEnd, nodeOf, pathTo, standings, textOf } from "./beam-data.mjs";
import { bar, button, slider } from "./controls.mjs";
import { html, set, svg } from "./dom.mjs";
import { fixed } from "./format.mjs";
import { roving } from "./roving.mjs";
import { STRINGS } from "./strings/beam-view.mjs";

// in pixels: the room of a node, its size, and the column of the start
const SPACE = { x: 124, y: 46 };
const NODE = { width: 94, height: 38 };
const START = 62;

export class BeamView {
  #steps = null;
  #count = 0; // how many steps are shown
  #marks = [];
  #output = new Set(); // "step,place" of the nodes of the output

  constructor({ strings = STRINGS } = {}) {
    this.strings = strings;
    this.back = button({ label: strings.back, onClick: () => this.#go(this.#count - 1) });
    this.forward = button({ label: strings.forward, onClick: () => this.#go(this.#count + 1) });
    this.controls = html("div");
    this.stage = html("div", { class: "s2s-scroll" });
    this.readout = html("p", { class: "s2s-readout" });
    this.legend = html("ul", { class: "s2s-legend", "aria-label": strings.key });
    this.el = html(
      "div",
      { class: "s2s-beam" },
      this.controls,
      this.stage,
      this.readout,
      this.legend,
    );
  }

  /** Show a search, all its steps done. */
  show({ steps, hypothesis, marks = [] }) {
    this.#steps = steps;
    this.#marks = marks.map(({ nodes, ...mark }) => ({
      ...mark,
      nodes: new Set(nodes.map(String)),
    }));
    this.legend.replaceChildren(...this.#legend());
    const last = nodeOf(steps, hypothesis);
    this.#output = new Set(last ? pathTo(steps, ...last).map(String) : []);
    this.slider = slider({
      label: this.strings.step,
      min: 1,
      max: steps.length,
      value: steps.length,
      format: (step) => say("steps", { step, count: steps.length }, this.strings),
      onChange: (count) => this.#go(count),
    });
    this.controls.replaceChildren(bar(this.back, this.forward, this.slider));
    this.#go(steps.length);
    this.stage.scrollLeft = 0;
  }

  /** Show the first steps. */
  #go(wanted) {
    const last = this.#steps.length;
    this.#count = Math.min(Math.max(wanted, 1), last);
    this.slider.set(this.#count);
    // a disabled button would lose the focus that is on it
    set(this.back.el, { "aria-disabled": this.#count === 1 && "true" });
    set(this.forward.el, { "aria-disabled": this.#count === last && "true" });
    this.#draw();
    this.readout.textContent = this.#standing();
  }

  #standing() {
    const [best] = standings(this.#steps, this.#count);
    if (!best) return this.strings.standingNone;
    const { step, place, status, score } = best;
    const text = textOf(this.#steps, step, place);
    const values = { text, score: fixed(score), status: this.strings[status] };
    return say("standing", values, this.strings);
  }

  #draw() {
    const shown = this.#steps.slice(0, this.#count);
    const height = SPACE.y * Math.max(...this.#steps.map((step) => step.length));
    const width = START + SPACE.x * shown.length;
    const lines = shown.flatMap((step, i) => step.map((_, place) => this.#line(i, place)));
    const nodes = shown.map((step, i) => step.map((_, place) => this.#node(i, place)));
    roving(nodes, {
      onFocus: (step, place) => this.#tell(step, place),
      moves: (key, step, place) => this.#move(key, step, place),
    });
    const tree = html(
      "div",
      {
        class: "s2s-tree",
        role: "group",
        "aria-label": this.strings.treeLabel,
        style: `width:${width}px;height:${height}px`,
      },
      svg("svg", { width, height, "aria-hidden": "true" }, ...lines),
      html("span", { class: "s2s-start" }, this.strings.start),
      ...nodes.flat(),
    );
    const before = this.stage.scrollLeft;
    this.stage.replaceChildren(tree);
    // what is new comes into view, but nothing moves that needn't
    this.stage.scrollLeft = Math.max(before, width - this.stage.clientWidth);
  }

  #line(step, place) {
    const { parent, status } = this.#steps[step][place];
    const [x1, y1] = step === 0 ? [START - 14, NODE.height / 2] : rightOf(step - 1, parent);
    const [x2, y2] = [leftOf(step), middleOf(place)];
    const half = (x1 + x2) / 2;
    return svg("path", {
      class: `s2s-${status}${this.#isOutput(step, place) ? " s2s-best" : ""}`,
      d: `M${x1},${y1} C${half},${y1} ${half},${y2} ${x2},${y2}`,
      "data-node": `${step},${place}`,
    });
  }

  #node(step, place) {
    const candidate = this.#steps[step][place];
    const word = isEnd(candidate) ? this.strings.end : readable(candidate.piece);
    const count = this.#steps[step].length;
    const values = { ...this.#values(step, place), place: place + 1, count };
    const marks = this.#marksOf(step, place);
    const said = [say("node", values, this.strings), ...marks.map(({ label }) => label)];
    const tell = () => this.#tell(step, place);
    const kinds = [candidate.status];
    if (this.#isOutput(step, place)) kinds.push("best");
    if (isEnd(candidate)) kinds.push("end");
    return html(
      "button",
      {
        type: "button",
        class: kinds.map((kind) => `s2s-${kind}`).join(" "),
        style: `left:${leftOf(step)}px;top:${SPACE.y * place}px`,
        "data-node": `${step},${place}`,
        onclick: tell,
        onpointerenter: tell,
      },
      html("span", {}, word),
      " ",
      html("small", {}, fixed(candidate.score)),
      ...(marks.length
        ? [html("b", { "aria-hidden": "true" }, marks.map(({ sign }) => sign).join(" "))]
        : []),
      html("span", { class: "s2s-unseen" }, said.join(", ")),
    );
  }

  /** The further paths that a node lies on. */
  #marksOf(step, place) {
    return this.#marks.filter(({ nodes }) => nodes.has(`${step},${place}`));
  }

  /** The words for one candidate. */
  #values(step, place) {
    const { logProb, score, status } = this.#steps[step][place];
    const isResult = status === "finished" && this.#isOutput(step, place);
    const words = this.strings[isResult ? "best" : status];
    return { status: words, logProb: fixed(logProb), score: fixed(score) };
  }

  #isOutput(step, place) {
    return this.#output.has(`${step},${place}`);
  }

  /** Say what a node's hypothesis is, and light up its path. */
  #tell(step, place) {
    const values = { ...this.#values(step, place), text: textOf(this.#steps, step, place) };
    this.readout.textContent = say("hypothesis", values, this.strings);
    const path = new Set(pathTo(this.#steps, step, place).map(String));
    for (const each of this.stage.querySelectorAll("[data-node]"))
      each.classList.toggle("s2s-on", path.has(each.dataset.node));
  }

  /** Left to the parent, right to the best child, up and down among the candidates of a step. */
  #move(key, step, place) {
    const child = () => this.#steps[step + 1]?.findIndex(({ parent }) => parent === place);
    return {
      ArrowUp: [step, place - 1],
      ArrowDown: [step, place + 1],
      ArrowLeft: [step - 1, this.#steps[step][place].parent],
      ArrowRight: [step + 1, child()],
      Home: [0, 0],
      End: [this.#count - 1, 0],
    }[key];
  }

  #legend() {
    const entries = ["kept", "finished", "pruned", "best"].map((kind) => {
      const sample = html("span", { class: `s2s-sample s2s-${kind}`, "aria-hidden": "true" });
      return html("li", {}, sample, this.strings[kind]);
    });
    const signs = this.#marks.map(({ sign, label }) =>
      html("li", {}, html("b", { "aria-hidden": "true" }, sign), label),
    );
    return [...entries, ...signs];
  }
}

function leftOf(step) {
  return START + SPACE.x * step;
}

function middleOf(place) {
  return SPACE.y * place + NODE.height / 2;
}

function rightOf(step, place) {
  return [leftOf(step) + NODE.width, middleOf(place)];
}

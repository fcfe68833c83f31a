/** What the live models have found: the translations, and a look inside one of them. */

import { say } from "../strings.mjs";
import { AttentionView } from "./attention-view.mjs";
import { BeamView } from "./beam-view.mjs";
import { bar, choice } from "./controls.mjs";
import { freshId, html } from "./dom.mjs";
import { fixed } from "./format.mjs";

const VIEWS = ["attention", "tree"];

export class TranslateResults {
  #found = [];
  #looked = null; // the name of the model that is looked into

  /** @param {object} asked `{ view, strings }`: the view that is open first, "attention" or "tree" */
  constructor({ view, strings }) {
    Object.assign(this, { view, strings });
    this.list = html("div", { "aria-live": "polite" });
    this.inside = { attention: new AttentionView(), tree: new BeamView() };
    const views = choice({
      label: strings.lookInside,
      options: VIEWS.map((value) => ({ value, label: strings[value] })),
      value: view,
      onChange: (value) => {
        this.view = value;
        this.#showView();
      },
    });
    this.el = html(
      "div",
      { class: "s2s-results", role: "group", "aria-label": strings.results, hidden: true },
      this.list,
      bar(views),
      ...VIEWS.map((name) => this.inside[name].el),
    );
  }

  /**
   * Show what was found: `[{ name, result, beam, alpha }]`, the result as `translate.mjs` gives it,
   * without `milliseconds` if it was recorded.
   */
  show(found) {
    this.#found = found;
    this.el.hidden = found.length === 0;
    if (!found.length) return;
    const names = found.map(({ name }) => name);
    if (!names.includes(this.#looked)) this.#looked = names.at(-1);
    this.list.replaceChildren(found.length > 1 ? this.#comparison() : this.#card(found[0]));
    this.#look(this.#looked);
  }

  #card({ name, result, beam, alpha }) {
    const [best] = result.translations;
    const width = say("beamOf", { beam, alpha: alpha.toFixed(1) }, this.strings);
    const meta = [
      this.strings[name],
      beam === 1 ? this.strings.greedy : width,
      say("score", { score: fixed(best.score) }, this.strings),
      this.#time(result),
    ];
    if (!best.finished) meta.push(this.strings.unfinished);
    return html(
      "div",
      { class: "s2s-found" },
      html("p", { lang: "fr" }, best.text || this.strings.nothing),
      html("p", {}, meta.join(" · ")),
    );
  }

  #time({ milliseconds }) {
    if (milliseconds === undefined) return this.strings.recordedTime;
    return say("time", { time: Math.round(milliseconds) }, this.strings);
  }

  #comparison() {
    const { columnModel, columnText, columnScore, columnTime } = this.strings;
    const heads = [columnModel, columnText, columnScore, columnTime];
    const group = freshId("look");
    return html(
      "table",
      { class: "s2s-compare" },
      html("thead", {}, html("tr", {}, ...heads.map((text) => html("th", { scope: "col" }, text)))),
      html("tbody", {}, ...this.#found.map((each) => this.#row(each, group))),
    );
  }

  #row({ name, result }, group) {
    const [best] = result.translations;
    const spoken = this.strings[`the ${name}`];
    const input = html("input", {
      type: "radio",
      name: group,
      checked: name === this.#looked,
      "aria-label": say("look", { models: spoken }, this.strings),
      onchange: () => this.#look(name),
    });
    const cell = (column, text) => html("td", { "data-label": this.strings[column] }, text);
    return html(
      "tr",
      {},
      html("th", { scope: "row" }, html("label", {}, input, this.strings[name])),
      html("td", { lang: "fr" }, best.text || this.strings.nothing),
      cell("columnScore", fixed(best.score)),
      cell("columnTime", this.#time(result)),
    );
  }

  #look(name) {
    this.#looked = name;
    const { result } = this.#found.find((each) => each.name === name);
    const [best] = result.translations;
    const { source, steps } = result;
    const spoken = this.strings[`the ${name}`];
    this.inside.attention.show({ name: spoken, source, target: best, weights: best.weights });
    this.inside.tree.show({ steps, hypothesis: best });
    this.#showView();
  }

  #showView() {
    for (const name of VIEWS) this.inside[name].el.hidden = name !== this.view;
  }
}

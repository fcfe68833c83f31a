/** The form of the live models: sentence, examples, model, beam, length penalty, and one button. */

import { wordsOf } from "../input.mjs";
import { say } from "../strings.mjs";
import { bar, button, choice, list, slider } from "./controls.mjs";
import { html, set } from "./dom.mjs";

const BEAMS = [1, 2, 4, 8];
const MOST_ALPHA = 2;
const ALL = "all";

export class TranslateForm {
  #isBusy = false;

  /**
   * @param {object} asked `{ models, chosen, beam, alpha, examples, editable, strings }`
   * @param {object} told `onSubmit()`, `onCancel()`, `onChoice()` after another choice of anything,
   *   `onText()` after typing
   */
  constructor(asked, told) {
    Object.assign(this, asked, told);
    const { strings, editable } = this;
    this.textarea = html("textarea", {
      rows: 2,
      lang: "en",
      spellcheck: "false",
      readonly: !editable,
      oninput: () => this.onText(),
      onkeydown: (event) => this.#onKey(event),
    });
    this.warning = html("p", { class: "s2s-warning", role: "note", hidden: true });
    this.submit = html(
      "button",
      { type: "submit", class: "s2s-button s2s-primary", hidden: true }, // until its cost is known
      strings.translate, // never without a name, not even while the cost is looked up
    );
    this.cancel = button({ label: strings.cancel, onClick: () => this.onCancel() }).el;
    this.cancel.hidden = true;
    this.progress = html("progress", { max: 1, hidden: true });
    this.status = html("p", { class: "s2s-status", role: "status" });
    this.el = html(
      "form",
      { class: "s2s-form", onsubmit: (event) => this.#onSubmit(event) },
      html("label", { class: "s2s-text" }, html("span", {}, strings.text), this.textarea),
      this.warning,
      this.#examples(),
      this.#choices(),
      html("div", { class: "s2s-action" }, this.submit, this.cancel, this.progress),
      this.status,
    );
  }

  get text() {
    return this.textarea.value;
  }

  set text(value) {
    this.textarea.value = value;
  }

  /** The names of the models that are chosen. */
  get names() {
    return this.chosen === ALL ? this.models : [this.chosen];
  }

  /** The chosen models, as they stand in a sentence. */
  get spoken() {
    return this.strings[`the ${this.chosen}`];
  }

  get isBusy() {
    return this.#isBusy;
  }

  set isBusy(isBusy) {
    this.#isBusy = isBusy;
    // the keyboard goes on from the neighbour of a button that goes away
    if (!isBusy && document.activeElement === this.cancel) this.submit.focus();
    this.cancel.hidden = !isBusy;
    set(this.submit, { "aria-disabled": isBusy && "true" });
    if (!isBusy) this.progress.hidden = true;
  }

  /** Show how much of a load has arrived, from 0 to 1. */
  showProgress(share, sentence) {
    this.progress.hidden = false;
    this.progress.value = share;
    set(this.progress, { "aria-label": sentence });
    this.submit.textContent = sentence;
  }

  #onSubmit(event) {
    event.preventDefault();
    if (!this.#isBusy && !this.submit.hidden) this.onSubmit();
  }

  #onKey(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.el.requestSubmit();
  }

  #examples() {
    const { examples } = this.strings;
    const buttons = this.examples.map((text) => this.#example(text));
    return html(
      "div",
      { class: "s2s-examples", role: "group", "aria-label": examples },
      html("span", {}, examples),
      ...buttons,
    );
  }

  #example(text) {
    const words = say("exampleWords", { count: wordsOf(text).length }, this.strings);
    const onclick = () => {
      this.text = text;
      this.onChoice();
    };
    return html(
      "button",
      { type: "button", title: text, onclick },
      html("span", { lang: "en" }, text),
      html("small", {}, words),
    );
  }

  #choices() {
    const { strings, models } = this;
    const named = models.map((name) => ({ value: name, label: strings[name] }));
    const all = { value: ALL, label: strings.all };
    const model = list({
      label: strings.model,
      options: models.length > 1 ? [...named, all] : named,
      value: this.chosen,
      onChange: (chosen) => this.#choose({ chosen }),
    });
    const beam = choice({
      label: strings.beam,
      options: BEAMS.map((value) => ({ value, label: String(value) })),
      value: this.beam,
      onChange: (value) => this.#choose({ beam: value }),
    });
    const alpha = slider({
      label: strings.alpha,
      min: 0,
      max: MOST_ALPHA,
      step: 0.1,
      value: this.alpha,
      format: (value) => value.toFixed(1),
      onChange: (value) => this.#choose({ alpha: value }),
    });
    return bar(model, beam, alpha);
  }

  #choose(change) {
    Object.assign(this, change);
    this.onChoice();
  }
}

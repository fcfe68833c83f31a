/**
 * The course's own translators, in the reader's browser: load one, type, look inside.
 *
 * Until a model is loaded, and where no site lies around the figure (in a notebook), recorded
 * translations are shown. The payload's data is `{ models, chosen, view, beam, alpha, lengths,
 * recordings }`, as `course.figures.live_translate` makes it.
 */

import { refusal, wordsOf } from "../input.mjs";
import { CourseError, say } from "../strings.mjs";
import { html } from "./dom.mjs";
import { figure } from "./frame.mjs";
import { lengthWarning } from "./length-warning.mjs";
import { modelsOf, siteFolder } from "./live-models.mjs";
import { unpack } from "./recorded-translations.mjs";
import { STRINGS } from "./strings/live-translate.mjs";
import { TranslateForm } from "./translate-form.mjs";
import { TranslateResults } from "./translate-results.mjs";

class LiveTranslate {
  #models = null; // of this site, once they are known
  #controller = null; // of what is going on

  constructor(data, { folder, strings = STRINGS }) {
    Object.assign(this, { data, folder, strings });
    const { models, chosen, beam, alpha, view } = data;
    const examples = [...new Set(data.recordings.map(({ text }) => text))];
    this.form = new TranslateForm(
      { models, chosen, beam, alpha, examples, strings, editable: folder !== null },
      {
        onSubmit: () => this.#run(),
        onCancel: () => this.#controller?.abort(),
        onChoice: () => this.#refresh(),
        onText: () => this.#typed(),
      },
    );
    this.results = new TranslateResults({ view, strings });
    this.el = html("div", { class: "s2s-live" }, this.form.el, this.results.el);
    this.form.text = examples[0];
    this.#warn();
    this.#showRecorded();
    if (folder !== null) this.#find();
  }

  /** Look which models this site has; until they are loaded, recordings are all there is. */
  async #find() {
    try {
      this.#models = await modelsOf(this.folder);
      const hasAll = this.data.models.every((name) => this.#models.has(name));
      if (hasAll) this.form.submit.hidden = false;
      else this.#say("notBuilt");
    } catch (error) {
      this.#sayError(error);
    }
    await this.#label();
  }

  /** After another choice: the same sentence again, by what is there. */
  async #refresh() {
    this.#warn();
    if (this.#isReady()) return this.#run();
    this.#controller?.abort();
    this.#showRecorded();
    await this.#label();
  }

  /** While the reader types: what was recorded of another sentence is no answer to this one. */
  #typed() {
    this.#warn();
    if (!this.#isReady() && !this.form.isBusy) this.#showRecorded();
  }

  /** Whether it is known that this site can't load the models. */
  get #isLacking() {
    return this.#models !== null && this.form.submit.hidden;
  }

  #isReady() {
    return this.form.names.every((name) => this.#models?.isLoaded(name));
  }

  /** Load what isn't loaded yet, and translate; a new run stops the one before. */
  async #run() {
    this.#controller?.abort();
    const controller = new AbortController();
    this.#controller = controller;
    this.form.isBusy = true;
    try {
      if (!this.#isReady()) await this.#load(controller.signal);
      await this.#translate(controller.signal);
    } catch (error) {
      if (this.#controller === controller) this.#sayError(error);
    }
    if (this.#controller !== controller) return;
    this.#controller = null;
    this.form.isBusy = false;
    await this.#label();
  }

  async #load(signal) {
    const { names, spoken } = this.form;
    const { models, runtime } = this.#models.sizeOf(names);
    const total = models + runtime;
    let done = 0;
    const show = () => {
      const values = { models: spoken, done: megabytes(done), total: megabytes(total) };
      const code = done < total ? "loading" : "preparing";
      this.form.showProgress(Math.min(done / total, 1), say(code, values, this.strings));
    };
    const onProgress = (bytes) => {
      done += bytes;
      show();
    };
    show();
    this.#say("preparing", { models: spoken });
    await this.#models.load(names, { onProgress, signal });
  }

  async #translate(signal) {
    const { names, text, beam, alpha, spoken } = this.form;
    const refused = refusal(text);
    if (refused) return this.#refuse(refused);
    this.#say("translating");
    const found = [];
    for (const name of names) {
      const result = await this.#models.translate(name, text, { beam, penalty: { alpha } }, signal);
      if (signal.aborted) throw new CourseError("aborted");
      if (!result.ok) return this.#refuse(result);
      found.push({ name, result, beam, alpha });
    }
    this.results.show(found);
    const time = Math.round(found.reduce((sum, { result }) => sum + result.milliseconds, 0));
    this.#say("translated", { time, models: spoken });
  }

  #refuse({ code, values }) {
    this.results.show([]);
    this.form.status.textContent = say(code, values);
  }

  #showRecorded() {
    const { names, text, beam, alpha, spoken } = this.form;
    const found = names.flatMap((name) => {
      const recording = this.#recording({ model: name, text, beam, alpha });
      return recording ? [{ name, result: unpack(recording), beam, alpha }] : [];
    });
    this.results.show(found);
    if (found.length) return this.#say(this.#place("onlySite", "recorded"), { models: spoken });
    const refused = refusal(text);
    if (refused) return this.#refuse(refused);
    this.#say(this.#place("notRecordedHere", "notRecorded"), { models: spoken });
  }

  /** What to say in a notebook, or on a site; a site without the models says that. */
  #place(notebook, site) {
    if (this.folder === null) return notebook;
    return this.#isLacking ? "notBuilt" : site;
  }

  #recording(asked) {
    return this.data.recordings.find((each) =>
      Object.entries(asked).every(([name, value]) => each[name] === value),
    );
  }

  /** The button says what it does, and what that costs. */
  async #label() {
    const { submit, names, spoken, isBusy } = this.form;
    if (!this.#models || submit.hidden || isBusy) return;
    if (this.#isReady()) submit.textContent = this.strings.translate;
    else {
      const kept = await this.#models.areKept(names);
      if (`${names}` !== `${this.form.names}`) return; // chosen anew meanwhile
      const values = { models: spoken, size: this.#size(this.#models.sizeOf(names)) };
      if (!this.form.isBusy) submit.textContent = say(kept ? "open" : "load", values, this.strings);
    }
  }

  #size({ models, runtime }) {
    const values = { models: megabytes(models), runtime: megabytes(runtime) };
    return say(runtime ? "size" : "sizeModels", values, this.strings);
  }

  #warn() {
    const { warning, names, text } = this.form;
    const words = wordsOf(text).length;
    const sentence = lengthWarning({ words, names, lengths: this.data.lengths }, this.strings);
    warning.hidden = sentence === null;
    warning.textContent = sentence ?? "";
  }

  #say(code, values = {}) {
    const { status } = this.form;
    const sentence = say(code, values, this.strings);
    // what is said already isn't announced again with every letter that is typed
    if (status.textContent !== sentence) status.textContent = sentence;
  }

  #sayError(error) {
    if (error.code === "aborted") this.#say("cancelled");
    else if (error instanceof CourseError) this.form.status.textContent = error.message;
    else this.form.status.textContent = say("broken", { reason: error.message });
  }
}

function megabytes(bytes) {
  return (bytes / 1e6).toFixed(1);
}

export default figure("live-translate", ({ stage, data }) => {
  stage.append(new LiveTranslate(data, { folder: siteFolder() }).el);
});

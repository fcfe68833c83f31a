/**
 * Attention that can be looked into: heatmap or arcs, by layer and head, by words or pieces.
 *
 *     const view = new AttentionView();
 *     somewhere.append(view.el);
 *     view.show({ name: "the Transformer", source, target, weights });
 *
 * A reading is `{ name, source, target, weights }`, all but the name as `translate.mjs` gives them
 * (`weights` is null for a model without attention); `gold` may be the links that ought to be there.
 * What the reader has chosen outlives `show`, and `onChoose({ form, unit, layer, head })` is told.
 */

import { say } from "../strings.mjs";
import { arcs } from "./attention-arcs.mjs";
import { attentionTable, mostWatched, sizes, UNITS } from "./attention-data.mjs";
import { heatmap } from "./attention-heatmap.mjs";
import { bar, choice, list } from "./controls.mjs";
import { html } from "./dom.mjs";
import { percent } from "./format.mjs";
import { STRINGS } from "./strings/attention-view.mjs";

const FORMS = { heatmap, arcs };

export class AttentionView {
  #chosen = { form: "heatmap", unit: "words", layer: null, head: null };
  #sizes = null;
  #reading = null;
  #table = null;

  constructor({ strings = STRINGS, onChoose = () => {} } = {}) {
    this.strings = strings;
    this.onChoose = onChoose;
    this.controls = html("div");
    this.stage = html("div");
    this.readout = html("p", { class: "s2s-readout" });
    this.el = html("div", { class: "s2s-attention" }, this.controls, this.stage, this.readout);
  }

  show(reading) {
    this.#reading = reading;
    this.controls.hidden = reading.weights === null;
    if (reading.weights) this.#offer(sizes(reading));
    this.#draw();
  }

  /** What the reader has chosen; layer and head are null for the mean over all. */
  get chosen() {
    return { ...this.#chosen };
  }

  /** The controls, with the layers and heads that there are. */
  #offer({ layers, heads }) {
    if (`${layers} ${heads}` === this.#sizes) return; // keep the focus that may be in there
    this.#sizes = `${layers} ${heads}`;
    if (this.#chosen.layer >= layers) this.#chosen.layer = null;
    if (this.#chosen.head >= heads) this.#chosen.head = null;
    const controls = [this.#choice("form", Object.keys(FORMS)), this.#choice("unit", UNITS)];
    if (layers > 1) controls.push(this.#list("layer", layers));
    if (heads > 1) controls.push(this.#list("head", heads));
    this.controls.replaceChildren(bar(...controls));
  }

  #choice(name, values) {
    return choice({
      label: this.strings[name],
      options: values.map((value) => ({ value, label: this.strings[value] })),
      value: this.#chosen[name],
      onChange: (value) => this.#choose({ [name]: value }),
    });
  }

  #list(name, count) {
    const numbers = Array.from({ length: count }, (_, i) => ({ value: i, label: i + 1 }));
    return list({
      label: this.strings[name],
      options: [{ value: "mean", label: this.strings.mean }, ...numbers],
      value: this.#chosen[name] ?? "mean",
      onChange: (value) => this.#choose({ [name]: value === "mean" ? null : Number(value) }),
    });
  }

  #choose(change) {
    Object.assign(this.#chosen, change);
    this.#draw();
    this.onChoose(this.chosen);
  }

  #draw() {
    const { name, weights } = this.#reading;
    if (!weights) {
      this.stage.replaceChildren();
      this.readout.textContent = say("none", { name }, this.strings);
      return;
    }
    this.#table = named(attentionTable(this.#reading, this.#chosen), this.strings.end);
    const { form } = this.#chosen;
    const words = {
      label: say(`${form}Label`, { name }, this.strings),
      cell: (i, j) => this.#cell(i, j),
      row: (i) => this.#row(i),
      column: (j) => this.#column(j),
    };
    const tell = (sentence) => (this.readout.textContent = sentence);
    this.stage.replaceChildren(FORMS[form]({ ...this.#table, words, tell }));
    tell(this.strings[`${form}Hint`]);
  }

  #cell(i, j) {
    const { rows, columns, values, gold } = this.#table;
    const asked = { row: rows[i].label, column: columns[j].label, share: percent(values[i][j]) };
    return say(gold?.[i][j] ? "cellGold" : "cell", asked, this.strings);
  }

  /** What a target word looks at. */
  #row(i) {
    const { rows, columns, values, gold } = this.#table;
    const shares = this.#shares(values[i], columns);
    const sentence = say("row", { row: rows[i].label, shares }, this.strings);
    return `${sentence}${this.#goldOf(gold?.[i], columns)}`;
  }

  /** Which target words look at a source word. */
  #column(j) {
    const { rows, columns, values, gold } = this.#table;
    const ofColumn = values.map((row) => row[j]);
    const shares = this.#shares(ofColumn, rows);
    const sentence = say("column", { column: columns[j].label, shares }, this.strings);
    const marks = gold?.map((row) => row[j]);
    return `${sentence}${this.#goldOf(marks, rows)}`;
  }

  /** What ought to be linked, as a further sentence; nothing where no gold is shown. */
  #goldOf(marks, names) {
    if (!marks) return "";
    const linked = names.filter((_, at) => marks[at]).map(({ label }) => `“${label}”`);
    const key = linked.length ? "gold" : "goldNone";
    return ` ${say(key, { words: linked.join(", ") }, this.strings)}`;
  }

  #shares(numbers, names) {
    const most = mostWatched(numbers).map(
      ([at, share]) => `“${names[at].label}” ${percent(share)}`,
    );
    return most.length ? most.join(", ") : this.strings.nothing;
  }
}

/** The table, the end of a sentence with a name of its own. */
function named({ rows, columns, ...rest }, end) {
  const name = (each) => (each.end ? { ...each, label: end } : each);
  return { ...rest, rows: rows.map(name), columns: columns.map(name) };
}

/**
 * The controls of all figures: native ones, so that keyboard, touch and screen readers work.
 *
 * Each returns `{ el, set(value) }`: `el` to be put somewhere, `set` to show a value without telling.
 */

import { freshId, html, set as setAttributes } from "./dom.mjs";

/** Controls side by side. */
export function bar(...controls) {
  return html("div", { class: "s2s-bar" }, ...controls.map((control) => control.el));
}

/** One of a few: radio buttons that look like one row. `options` is `[{ value, label }]`. */
export function choice({ label, options, value, onChange }) {
  const name = freshId("choice");
  const inputs = options.map((option) =>
    html("input", {
      type: "radio",
      name,
      value: option.value,
      checked: option.value === value,
      onchange: () => onChange(option.value),
    }),
  );
  const pills = options.map((option, i) =>
    html("label", {}, inputs[i], html("span", {}, option.label)),
  );
  const el = html(
    "fieldset",
    { class: "s2s-choice" },
    html("legend", {}, label),
    html("div", { class: "s2s-pills" }, ...pills),
  );
  const set = (wanted) =>
    inputs.forEach((input, i) => (input.checked = options[i].value === wanted));
  return { el, set };
}

/** One of many: a list to choose from. `options` is `[{ value, label }]`. */
export function list({ label, options, value, onChange }) {
  const items = options.map((option) => html("option", { value: option.value }, option.label));
  const select = html("select", { onchange: () => onChange(select.value) }, ...items);
  select.value = String(value);
  const el = html("label", { class: "s2s-list" }, html("span", {}, label), select);
  return { el, set: (wanted) => (select.value = String(wanted)) };
}

/** On or off. */
export function toggle({ label, value, onChange }) {
  const input = html("input", {
    type: "checkbox",
    checked: value,
    onchange: () => onChange(input.checked),
  });
  const el = html("label", { class: "s2s-toggle" }, input, html("span", {}, label));
  return { el, set: (wanted) => (input.checked = wanted) };
}

/**
 * A number from a range, dragged or by arrow keys; `format` says it in words, `limit(most)` ends the
 * range elsewhere.
 */
export function slider({ label, min, max, step = 1, value, format = String, role, onChange }) {
  const shown = html("output", {}, format(value));
  const input = html("input", { type: "range", min, max, step });
  const show = (now) => {
    shown.textContent = format(now);
    setAttributes(input, { "aria-valuetext": format(now) });
  };
  input.value = String(value);
  show(value);
  input.addEventListener("input", () => {
    show(Number(input.value));
    onChange(Number(input.value));
  });
  const el = html(
    "label",
    { class: `s2s-slider${role ? ` s2s-is-${role}` : ""}` },
    html("span", {}, label),
    input,
    shown,
  );
  const set = (wanted) => {
    input.value = String(wanted);
    show(wanted);
  };
  const limit = (most) => setAttributes(input, { max: most });
  return { el, set, limit };
}

/** A button. */
export function button({ label, onClick }) {
  const el = html("button", { type: "button", class: "s2s-button", onclick: onClick }, label);
  return { el, set: (wanted) => (el.textContent = wanted) };
}

/** A number to be typed, inside a table for example; what is no number is not taken. */
export function numberBox({ label, min, max, value, onChange }) {
  const el = html("input", {
    type: "number",
    class: "s2s-number",
    min,
    max,
    step: "any",
    "aria-label": label,
  });
  let good = value;
  const set = (wanted) => {
    good = wanted;
    el.value = String(wanted);
    setAttributes(el, { "aria-invalid": null });
  };
  set(value);
  el.addEventListener("input", () => {
    const typed = el.valueAsNumber;
    const taken = typed >= min && typed <= max;
    setAttributes(el, { "aria-invalid": taken ? null : "true" });
    if (!taken) return;
    good = typed;
    onChange(typed);
  });
  // whoever leaves a box with nonsense in it finds the last good number there
  el.addEventListener("blur", () => set(good));
  return { el, set };
}

/** A sentence with the result, which a screen reader reads out when it has settled. */
export function result() {
  const el = html("p", { class: "s2s-result" });
  const spoken = html("p", { class: "s2s-unseen", "aria-live": "polite" });
  let waiting = 0;
  const set = (sentence) => {
    const first = el.textContent === "";
    el.textContent = sentence;
    clearTimeout(waiting);
    if (!first) waiting = setTimeout(() => (spoken.textContent = sentence), 400);
  };
  return { el: html("div", {}, el, spoken), set };
}

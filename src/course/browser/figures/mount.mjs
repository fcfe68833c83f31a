/** Put a live figure in the place of the still one that a page holds. */

/**
 * Render first, replace afterwards: if a figure fails, its fallback stays.
 *
 * @param {HTMLElement} host `<s2s-figure>`, which holds the payload and the fallback
 * @param {{ render: Function }} module what a module of a figure exports
 */
export function mount(host, module) {
  const stored = host.querySelector("script[type='application/json']");
  const payload = JSON.parse(stored.textContent);
  const el = document.createElement("div");
  module.render({ model: { get: (name) => (name === "data" ? payload : undefined) }, el });
  host.replaceChildren(stored, el);
  host.dataset.live = "";
}

/** The site's runtime: each figure is loaded when the reader comes near it. */

import { mount } from "./mount.mjs";

const NEAR = "800px 0px";

const near = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) if (isIntersecting) show(target);
  },
  { rootMargin: NEAR },
);

async function show(host) {
  near.unobserve(host);
  try {
    const module = await import(`./${host.getAttribute("kind")}.mjs`);
    mount(host, module.default);
  } catch (error) {
    console.error(error); // the still picture stays
  }
}

customElements.define(
  "s2s-figure",
  class extends HTMLElement {
    connectedCallback() {
      const still = this.getAttribute("kind") === "picture";
      if (!still && !("live" in this.dataset)) near.observe(this);
    }
  },
);

/** Elements of HTML and SVG, made in one call. Words go in as text, never as markup. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * An HTML element.
 *
 * @param {string} name
 * @param {object} attributes `onclick` and the like take functions; false, null and undefined are left out
 * @param {...(Node | string)} children strings become text
 */
export function html(name, attributes = {}, ...children) {
  return furnish(document.createElement(name), attributes, children);
}

/** An element of SVG; arguments as for `html`. */
export function svg(name, attributes = {}, ...children) {
  return furnish(document.createElementNS(SVG, name), attributes, children);
}

/** Set attributes of an element; what is false, null or undefined is removed. */
export function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === false || value === null || value === undefined)
      element.removeAttribute(name);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  return element;
}

let count = 0;

/** An id that no other element of the page has: for labels, and for groups of radio buttons. */
export function freshId(name) {
  count += 1;
  return `s2s-${name}-${count}`;
}

function furnish(element, attributes, children) {
  set(element, attributes);
  element.append(...children);
  return element;
}

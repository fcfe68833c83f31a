/**
 * A page's side of the worker: load a model, translate, stop.
 *
 *     const client = new Client(new URL("worker.mjs", import.meta.url), { script, wasm });
 *     const manifest = await client.load(modelAddress, { onProgress });
 *     const result = await client.translate(modelAddress, "I have a blue car.", { beam: 4 });
 *
 * All that goes wrong comes as a `CourseError`, whose `code` and `values` `strings.mjs` puts in words.
 */

import { CourseError } from "./strings.mjs";

export class Client {
  #worker = null;
  #waiting = new Map();
  #count = 0;

  /**
   * @param {string | URL} address of `worker.mjs`
   * @param {object} ort `{ script, wasm: { url, sha256?, bytes? } }`: the runtime's module and its
   *   WebAssembly, gzipped
   */
  constructor(address, ort) {
    Object.assign(this, { address, ort });
  }

  /** Load the model of an address (a folder that `course export` wrote); returns its manifest. */
  load(model, { onProgress, signal } = {}) {
    return this.#ask(
      { do: "load", model: absolute(model), ort: this.#absoluteOrt() },
      { onProgress, signal },
    );
  }

  /** Translate; `options` as `translate.mjs` takes them, `onStep` is told each step of the search. */
  translate(model, text, options = {}, { onStep, signal } = {}) {
    const message = {
      do: "translate",
      model: absolute(model),
      text,
      options,
      steps: Boolean(onStep),
    };
    return this.#ask(message, { onStep, signal });
  }

  /** End the worker and free its memory. */
  close() {
    this.#worker?.terminate();
    this.#worker = null;
    this.#failAll(new CourseError("aborted"));
  }

  #ask(message, { onProgress, onStep, signal }) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) throw new CourseError("aborted");
      const id = this.#count++;
      const worker = this.#start();
      this.#waiting.set(id, { resolve, reject, onProgress, onStep });
      const abort = () => worker.postMessage({ do: "abort", target: id });
      signal?.addEventListener("abort", abort, { once: true });
      worker.postMessage({ ...message, id });
    });
  }

  #start() {
    if (this.#worker) return this.#worker;
    if (typeof Worker !== "function") throw new CourseError("noWorker");
    try {
      this.#worker = new Worker(this.address, { type: "module" });
    } catch {
      throw new CourseError("noWorker");
    }
    this.#worker.onmessage = ({ data }) => this.#receive(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#worker.terminate();
      this.#worker = null;
      this.#failAll(new CourseError("broken", { reason: event.message ?? "worker" }));
    };
    return this.#worker;
  }

  #receive({ id, progress, step, result, error }) {
    const asked = this.#waiting.get(id);
    if (!asked) return;
    if (progress !== undefined) asked.onProgress?.(progress);
    else if (step !== undefined) asked.onStep?.(step);
    else {
      this.#waiting.delete(id);
      if (error) asked.reject(new CourseError(error.code, error.values));
      else asked.resolve(result);
    }
  }

  #failAll(error) {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  #absoluteOrt() {
    const { script, wasm } = this.ort;
    return { script: absolute(script), wasm: { ...wasm, url: absolute(wasm.url) } };
  }
}

/** A worker's own address is another than the page's. */
function absolute(address) {
  return new URL(address, globalThis.document?.baseURI ?? globalThis.location?.href).href;
}

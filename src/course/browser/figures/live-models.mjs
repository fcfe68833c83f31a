/**
 * The models of a site: which there are, what they weigh, and one worker for the whole page.
 *
 * `tools/browser_files.py` lays `models.json` beside the modules, with the sizes and sha256 of all
 * files. The worker and all that it needs are fetched only when a reader asks for a model.
 */

import { CourseError } from "../strings.mjs";

/** The folder with modules, runtime and models, or null where a figure stands alone (a notebook). */
export function siteFolder(address = import.meta.url) {
  try {
    return new URL("../../", address).href; // an inlined module has no folder: this throws
  } catch {
    return null;
  }
}

const opened = new Map(); // one for all figures of a page

/** The models of a folder; asked for again after a failure. */
export function modelsOf(folder) {
  if (!opened.has(folder)) {
    const models = LiveModels.open(folder).catch((error) => {
      opened.delete(folder);
      throw error;
    });
    opened.set(folder, models);
  }
  return opened.get(folder);
}

class LiveModels {
  #client = null;
  #loaded = new Set();
  #runtimeLoaded = false;

  static async open(folder) {
    try {
      const response = await fetch(new URL("models.json", folder));
      if (!response.ok) throw new Error(String(response.status));
      return new LiveModels(folder, await response.json());
    } catch (error) {
      throw new CourseError("noModels", { reason: error.message });
    }
  }

  constructor(folder, { runtime, models }) {
    Object.assign(this, { folder, runtime, models });
  }

  /** Whether the site was built with a model. */
  has(name) {
    return Object.hasOwn(this.models, name);
  }

  isLoaded(name) {
    return this.#loaded.has(name);
  }

  /** What has to be fetched for some models: bytes of the models, and of the runtime. */
  sizeOf(names) {
    const waiting = names.filter((name) => !this.isLoaded(name));
    const models = waiting.reduce((sum, name) => sum + this.models[name].bytes, 0);
    const { wasm, scriptBytes } = this.runtime;
    return { models, runtime: this.#runtimeLoaded ? 0 : wasm.bytes + scriptBytes };
  }

  /** Whether an earlier visit has kept all the large files of some models. */
  async areKept(names) {
    const { allKept } = await import(new URL("browser/loading.mjs", this.folder));
    const { wasm } = this.runtime;
    const files = [{ url: this.#url(`ort/${wasm.url}`), sha256: wasm.sha256 }];
    for (const name of names) {
      for (const [file, { sha256 }] of Object.entries(this.models[name].files)) {
        files.push({ url: this.#url(`models/${name}/${file}`), sha256 });
      }
    }
    return allKept(files);
  }

  /** Load models one after the other; `onProgress` is told the bytes of each piece. */
  async load(names, { onProgress, signal } = {}) {
    if (typeof WebAssembly !== "object") throw new CourseError("noWasm");
    const client = await this.#open();
    for (const name of names) {
      if (this.isLoaded(name)) continue;
      await client.load(this.#model(name), { onProgress, signal });
      this.#runtimeLoaded = true;
      this.#loaded.add(name);
    }
  }

  /** What `translate.mjs` returns, and how many milliseconds it took. */
  async translate(name, text, options, signal) {
    const client = await this.#open();
    try {
      return await client.translate(this.#model(name), text, options, { signal });
    } catch (error) {
      if (error.code === "broken" || error.code === "notLoaded") this.#loaded.clear();
      throw error;
    }
  }

  async #open() {
    if (this.#client) return this.#client;
    const { script, wasm } = this.runtime;
    let Client;
    try {
      ({ Client } = await import(new URL("browser/client.mjs", this.folder)));
    } catch (error) {
      throw new CourseError("downloadFailed", { reason: error.message });
    }
    this.#client = new Client(this.#url("browser/worker.mjs"), {
      script: this.#url(`ort/${script}`),
      wasm: { ...wasm, url: this.#url(`ort/${wasm.url}`) },
    });
    return this.#client;
  }

  #model(name) {
    return this.#url(`models/${name}`);
  }

  #url(path) {
    return new URL(path, this.folder).href;
  }
}

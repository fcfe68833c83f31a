/**
 * The search in a worker, so that a page answers while a model thinks. `client.mjs` speaks to it.
 *
 * Messages in: `{ id, do: "load" | "translate" | "abort", … }`. Messages out: `{ id, progress }`,
 * `{ id, step }`, and at last `{ id, result }` or `{ id, error: { code, values } }`.
 */

import { OnnxEngine, prepareRuntime } from "./engine.mjs";
import { fetchFile, gunzip } from "./loading.mjs";
import { CourseError } from "./strings.mjs";
import { Tokenizer } from "./tokenizer.mjs";
import { translate } from "./translate.mjs";

const SCHEMA = 1; // of `model.json`, as `course.export.folder` writes it

let runtime = null;
const models = new Map();
const running = new Map();
let last = Promise.resolve(); // the runtime does one thing at a time

/** Fetch the runtime once; after a failure it may be tried again. */
async function startRuntime({ script, wasm }, options) {
  if (typeof WebAssembly !== "object") throw new CourseError("noWasm");
  const packed = await fetchFile(wasm.url, { ...wasm, ...options });
  let ort;
  try {
    ort = await import(script);
  } catch (error) {
    throw new CourseError("downloadFailed", { reason: error.message });
  }
  prepareRuntime(ort, { wasmBinary: await gunzip(packed) });
  return ort;
}

async function load({ model, ort }, options) {
  if (models.has(model)) return models.get(model).manifest;
  runtime ??= startRuntime(ort, options).catch((error) => {
    runtime = null;
    throw error;
  });
  const starting = runtime; // which a failure takes away
  starting.catch(() => {}); // told below, where it is awaited
  const manifest = readManifest(await fetchFile(`${model}/model.json`, { signal: options.signal }));
  const files = {};
  for (const [name, known] of Object.entries(manifest.files)) {
    files[name] = await fetchFile(`${model}/${name}`, { ...known, ...options });
  }
  const tokenizer = new Tokenizer(JSON.parse(new TextDecoder().decode(files["tokenizer.json"])));
  const engine = await OnnxEngine.create(await starting, manifest, files);
  models.set(model, { manifest, tokenizer, engine });
  return manifest;
}

function readManifest(data) {
  try {
    const manifest = JSON.parse(new TextDecoder().decode(data));
    if (manifest.schema === SCHEMA) return manifest;
  } catch {
    // a page of the server's instead of the file, say
  }
  throw new CourseError("damaged", { file: "model.json" });
}

async function translateBy({ model, text, options }, { signal, onStep }) {
  const loaded = models.get(model);
  if (!loaded) throw new CourseError("notLoaded");
  const { engine, tokenizer, manifest } = loaded;
  const began = performance.now();
  const special = manifest.special;
  const result = await translate(engine, tokenizer, text, { ...options, special, signal, onStep });
  return { ...result, milliseconds: performance.now() - began };
}

async function answer(message) {
  const { id } = message;
  const controller = new AbortController();
  running.set(id, controller);
  const { signal } = controller;
  const onProgress = (bytes) => postMessage({ id, progress: bytes });
  const onStep = (step) => {
    if (message.steps) postMessage({ id, step });
    return nextTask(); // let an abort that may be waiting come in between
  };
  try {
    const task = () => {
      signal.throwIfAborted();
      if (message.do === "load") return load(message, { signal, onProgress });
      return translateBy(message, { signal, onStep });
    };
    const turn = last.then(task);
    last = turn.catch(() => {});
    postMessage({ id, result: await turn });
  } catch (error) {
    postMessage({ id, error: described(error) });
  } finally {
    running.delete(id);
  }
}

function nextTask() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

function described(error) {
  if (error instanceof CourseError) return { code: error.code, values: error.values };
  if (error?.name === "AbortError") return { code: "aborted", values: {} };
  return { code: "broken", values: { reason: String(error?.message ?? error).slice(0, 200) } };
}

self.onmessage = ({ data }) => {
  if (data.do === "abort") running.get(data.target)?.abort();
  else answer(data);
};

/** Open an exported model under Node, with the runtime that the site has. */

import { readFileSync } from "node:fs";
import { join } from "node:path";

import * as ort from "../node_modules/onnxruntime-web/dist/ort.wasm.bundle.min.mjs";
import { OnnxEngine, prepareRuntime } from "../src/course/browser/engine.mjs";
import { Tokenizer } from "../src/course/browser/tokenizer.mjs";

const WASM = "../node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm";

prepareRuntime(ort, { wasmBinary: readFileSync(new URL(WASM, import.meta.url)) });

/**
 * @param {string} folder what `course export` has written
 * @returns {Promise<{ engine: OnnxEngine, manifest: object, tokenizer: Tokenizer }>}
 */
export async function openModel(folder) {
  const read = (name) => new Uint8Array(readFileSync(join(folder, name)));
  const json = (name) => JSON.parse(readFileSync(join(folder, name), "utf-8"));
  const manifest = json("model.json");
  const files = Object.fromEntries(Object.keys(manifest.files).map((name) => [name, read(name)]));
  const engine = await OnnxEngine.create(ort, manifest, files);
  return { engine, manifest, tokenizer: new Tokenizer(json("tokenizer.json")) };
}

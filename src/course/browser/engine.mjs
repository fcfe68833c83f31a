/**
 * An engine over ONNX Runtime Web: `encode`, `start` and `step` of one exported model.
 *
 * `ort` is the runtime's module, so that this file runs in a worker, on a page and in Node alike.
 */

import { CourseError } from "./strings.mjs";

/** Make the runtime ready: WebAssembly only, one thread, so that no special headers are needed. */
export function prepareRuntime(ort, { wasmBinary } = {}) {
  if (typeof WebAssembly !== "object") throw new CourseError("noWasm");
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = "error";
  if (wasmBinary) ort.env.wasm.wasmBinary = wasmBinary;
}

export class OnnxEngine {
  /**
   * @param {object} ort the runtime's module, made ready
   * @param {object} manifest what `model.json` holds
   * @param {Record<string, Uint8Array>} files `encoder.onnx`, `step.onnx` and `weights.bin`
   */
  static async create(ort, manifest, files) {
    const options = {
      executionProviders: ["wasm"],
      externalData: [{ path: "weights.bin", data: files["weights.bin"] }],
    };
    // one after the other: the runtime can't make two at once
    const encoder = await ort.InferenceSession.create(files["encoder.onnx"], options);
    const step = await ort.InferenceSession.create(files["step.onnx"], options);
    return new OnnxEngine(ort, manifest, encoder, step);
  }

  constructor(ort, manifest, encoder, step) {
    Object.assign(this, { ort, manifest, encoder, stepper: step });
  }

  /** Read one sentence. */
  async encode(ids) {
    const shape = [1, ids.length];
    const given = {
      src: new this.ort.Tensor("int64", BigInt64Array.from(ids, BigInt), shape),
      src_mask: new this.ort.Tensor("bool", new Uint8Array(ids.length).fill(1), shape),
    };
    const found = await this.encoder.run(given);
    return { found, repeated: new Map() };
  }

  /** The state before any token: the encoder's, or an empty one where the state grows. */
  async start({ found }) {
    return Object.fromEntries(
      this.manifest.state.map(({ name, type, axes }) => [
        name,
        found[`state_${name}`] ?? new this.ort.Tensor(type, arrayOf(type, 0), emptyShape(axes)),
      ]),
    );
  }

  /** Extend rows of a state by one token each; see `search.mjs`. */
  async step(memory, state, rows, tokens) {
    const given = {
      token: new this.ort.Tensor("int64", BigInt64Array.from(tokens, BigInt), [rows.length]),
    };
    Object.assign(given, this.#repeat(memory, rows.length));
    for (const { name } of this.manifest.state)
      given[`state_${name}`] = this.#select(state[name], rows);
    const found = await this.stepper.run(given);
    return {
      logProbs: rowsOf(found.log_probs),
      state: Object.fromEntries(
        this.manifest.state.map(({ name }) => [name, found[`next_${name}`]]),
      ),
      weights: this.manifest.weights ? weightsOf(found.weights) : null,
    };
  }

  /** Give the memory of models that are no longer needed back. */
  async release() {
    await this.encoder.release();
    await this.stepper.release();
  }

  /** The memory of one sentence for several rows; a search asks for few counts, so they are kept. */
  #repeat(memory, count) {
    if (!memory.repeated.has(count)) {
      const every = new Array(count).fill(0);
      const tensors = this.manifest.memory.map(({ name }) => {
        const full = `memory_${name}`;
        return [full, this.#select(memory.found[full], every)];
      });
      memory.repeated.set(count, Object.fromEntries(tensors));
    }
    return memory.repeated.get(count);
  }

  #select(tensor, rows) {
    const [count, ...rest] = tensor.dims;
    if (rows.length === count && rows.every((row, i) => row === i)) return tensor;
    const size = tensor.data.length / count;
    const data = arrayOf(tensor.type, rows.length * size);
    rows.forEach((row, i) =>
      data.set(tensor.data.subarray(row * size, (row + 1) * size), i * size),
    );
    return new this.ort.Tensor(tensor.type, data, [rows.length, ...rest]);
  }
}

const ARRAYS = { float32: Float32Array, bool: Uint8Array, int64: BigInt64Array };

function arrayOf(type, length) {
  return new ARRAYS[type](length);
}

/** One row, with no target position yet. */
function emptyShape(axes) {
  return axes.map((axis) => (axis === "B" ? 1 : axis === "P" ? 0 : axis));
}

function rowsOf(tensor) {
  const size = tensor.data.length / tensor.dims[0];
  return Array.from({ length: tensor.dims[0] }, (_, row) =>
    tensor.data.subarray(row * size, (row + 1) * size),
  );
}

function weightsOf(tensor) {
  const [, layers, heads, source] = tensor.dims;
  return rowsOf(tensor).map((data) => ({ layers, heads, source, data }));
}

/**
 * Fetch large files once: checked against their sha256, kept in the Cache API, told about in bytes.
 */

import { CourseError } from "./strings.mjs";

const CACHE = "course-models-1";

/**
 * Fetch a file.
 *
 * @param {string} url
 * @param {object} options `sha256` and `bytes` as the manifest states them (then the file is kept);
 *   `signal` stops it; `onProgress` is called with the bytes of each piece that arrives.
 * @returns {Promise<Uint8Array>}
 */
export async function fetchFile(url, { sha256, bytes, signal, onProgress } = {}) {
  const known = sha256 === undefined ? null : await openCache();
  // a new version of a file has another key, so that an old copy is never taken for it
  const key = `${url}?sha256=${sha256}`;
  const kept = await lookUp(known, key);
  if (kept && (await isWhole(kept, sha256, bytes))) {
    onProgress?.(kept.length);
    return kept;
  }
  const data = await download(url, { signal, onProgress });
  if (!(await isWhole(data, sha256, bytes))) {
    throw new CourseError("damaged", { file: url.split("/").at(-1) });
  }
  await keep(known, key, data);
  return data;
}

/** Inflate what gzip has packed. */
export async function gunzip(data) {
  const packed = new Blob([data]).stream();
  const inflated = packed.pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(inflated).arrayBuffer());
}

/** Whether all files are in the cache: nothing has to be downloaded then. */
export async function allKept(files) {
  const known = await openCache();
  for (const { url, sha256 } of files) {
    if ((await lookUp(known, `${url}?sha256=${sha256}`)) === null) return false;
  }
  return known !== null;
}

async function download(url, { signal, onProgress }) {
  try {
    const response = await fetch(url, { signal });
    if (!response.ok) throw new Error(String(response.status));
    const pieces = [];
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      pieces.push(value);
      onProgress?.(value.length);
    }
    return new Uint8Array(await new Blob(pieces).arrayBuffer());
  } catch (error) {
    if (error.name === "AbortError") throw new CourseError("aborted");
    throw new CourseError("downloadFailed", { reason: error.message });
  }
}

async function isWhole(data, sha256, bytes) {
  if (bytes !== undefined && data.length !== bytes) return false;
  if (sha256 === undefined || !globalThis.crypto?.subtle) return true; // no secure context
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("") === sha256;
}

/** The cache, or null where the browser has none or forbids it: then each visit downloads anew. */
async function openCache() {
  try {
    return await caches.open(CACHE);
  } catch {
    return null;
  }
}

async function lookUp(cache, key) {
  try {
    const found = await cache?.match(key);
    return found ? new Uint8Array(await found.arrayBuffer()) : null;
  } catch {
    return null;
  }
}

async function keep(cache, key, data) {
  try {
    await cache?.put(key, new Response(data));
  } catch {
    // a full disk: the file is there for this visit
  }
}

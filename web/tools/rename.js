// Gives the imports of a WebAssembly module short names, in the module and in its glue. wasm-bindgen ends each with 16
// digits by chance, which no compression makes shorter: a hundred imports are more than a kilobyte of a download.
//
//   node rename.js module.wasm glue.js
import { readFileSync, writeFileSync } from "node:fs";

const IMPORTS = 2;
const [wasmFile, glueFile] = process.argv.slice(2);
const wasm = readFileSync(wasmFile);

/** An unsigned number (LEB128) at `at`, and where it ends. */
function number(at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = wasm[at++];
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return [value, at];
  }
}

function written(value) {
  const bytes = [];
  do {
    bytes.push((value & 127) | (value > 127 ? 128 : 0));
    value = Math.floor(value / 128);
  } while (value > 0);
  return Buffer.from(bytes);
}

/** The text at `at`, and where it ends. */
function text(at) {
  const [length, begin] = number(at);
  return [wasm.toString("utf8", begin, begin + length), begin + length];
}

const withLength = (bytes) => Buffer.concat([written(bytes.length), bytes]);

const names = new Map();

function short(name) {
  if (!names.has(name)) names.set(name, "_" + names.size.toString(36));
  return names.get(name);
}

/** The section of imports, from its first byte on. */
function renamed(at) {
  let [count, next] = number(at);
  const parts = [written(count)];
  for (; count > 0; count -= 1) {
    const [module, afterModule] = text(next);
    const [name, afterName] = text(afterModule);
    if (wasm[afterName] !== 0) throw new Error(`${name} is imported and is no function`);
    const [, end] = number(afterName + 1);
    parts.push(withLength(Buffer.from(module)), withLength(Buffer.from(short(name))), wasm.subarray(afterName, end));
    next = end;
  }
  return Buffer.concat(parts);
}

const out = [wasm.subarray(0, 8)];
for (let at = 8; at < wasm.length; ) {
  const [length, begin] = number(at + 1);
  const body = wasm[at] === IMPORTS ? renamed(begin) : wasm.subarray(begin, begin + length);
  out.push(Buffer.from([wasm[at]]), withLength(body));
  at = begin + length;
}

const glue = readFileSync(glueFile, "utf8");
const used = new Set();
const shorter = glue.replace(/\b__wb\w+(?=:)/g, (name) => {
  used.add(name);
  return names.get(name) ?? name;
});
const missing = [...names.keys()].filter((name) => !used.has(name));
if (missing.length > 0) throw new Error(`the glue does not name ${missing.join(", ")}`);

writeFileSync(wasmFile, Buffer.concat(out));
writeFileSync(glueFile, shorter);

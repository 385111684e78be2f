// Preloaded into jsii's Node process by bindings.py. A prebuilt provider of CDKTF or CDK Terrain has
// two entries: lib/index.js requires its 2,200 modules at once, lib/lazy-index.js requires each when
// it is used. This sends whoever asks for the first to the second.
"use strict";

const { createHash } = require("node:crypto");
const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");

const INDEX = /[\\/]@cdkt[fn][\\/]provider-[^\\/]+[\\/].*lib[\\/]index\.js$/;
const resolveFilename = Module._resolveFilename;

Module._resolveFilename = function (...request) {
  const file = resolveFilename.apply(this, request);
  if (!INDEX.test(file)) return file;
  const lazy = path.join(path.dirname(file), "lazy-index.js");
  if (fs.existsSync(lazy)) return lazy;
  console.warn(`no lazy-index.js beside ${file}; loading all of it`);
  return file;
};

// cdktf zips Lambda functions with archiver: a hundred modules, a twentieth of a run, for nothing.
const load = Module._load;

Module._load = function (request, ...rest) {
  if (request !== "archiver") return load.call(this, request, ...rest);
  const archiver = () => load.call(this, request, ...rest);
  return new Proxy(function () {}, {
    apply: (_, self, given) => Reflect.apply(archiver(), self, given),
    get: (_, name) => (name === "__esModule" ? undefined : archiver()[name]),
  });
};

// jsii finds what it unpacked by the digest of the tarball: 37 MB of AWS's, a tenth of a run. Here the
// digest is kept, and known again by path, size and time, as Python knows its compiled files again.
const DIGEST = /(function digestFile\(\w+,\.\.\.\w+\)\{return )(\w+)\(/;

globalThis.keptDigest = (digest, file, ...rest) => {
  const root = process.env.JSII_RUNTIME_PACKAGE_CACHE_ROOT;
  if (!root) return digest(file, ...rest);
  const { mtimeNs, size } = fs.statSync(file, { bigint: true });
  const key = JSON.stringify([file, `${mtimeNs}`, `${size}`, ...rest]);
  const kept = path.join(root, `${createHash("sha256").update(key).digest("hex")}.digest`);
  try {
    const known = fs.readFileSync(kept);
    if (known.length === 32) return known; // else a full disk has cut it short
  } catch {} // not kept yet
  const found = digest(file, ...rest);
  try {
    fs.mkdirSync(root, { recursive: true, mode: 0o700 });
    fs.writeFileSync(`${kept}.${process.pid}`, found);
    fs.renameSync(`${kept}.${process.pid}`, kept);
  } catch {} // jsii says what is wrong with its cache
  return found;
};

// Node keeps compiled code by the file's path. jsii links what it unpacked into a folder that has
// another name in each run: without the links, the path is always the same.
const compile = Module.prototype._compile;

Module.prototype._compile = function (content, file, ...rest) {
  const cached = Module.getCompileCacheDir?.() && fs.existsSync(file);
  const real = cached ? fs.realpathSync.native(file) : file;
  const program = file.endsWith("lib__program.js");
  const text = program ? content.replace(DIGEST, "$1keptDigest($2,") : content;
  return compile.call(this, text, real, ...rest);
};

// jsii's files lie in its Python package as lib__NAME.js; the kernel looks for its worker, which
// indexes a package that was unpacked for the first time, as NAME.js.
const threads = require("node:worker_threads");

threads.Worker = class extends threads.Worker {
  constructor(file, ...rest) {
    const packed = path.join(path.dirname(file), `lib__${path.basename(file)}`);
    super(fs.existsSync(file) ? file : packed, ...rest);
  }
};

// Python was killed: nobody is left to hear of it, and jsii's code would be the line that Node shows.
process.on("uncaughtExceptionMonitor", (error) => {
  if (error.code === "EPIPE" || error.code === "ECONNRESET") process.exit(1);
});

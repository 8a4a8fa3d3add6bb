#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Script } from "node:vm";
import { codeCache } from "./core/code-cache.js";
import { outOfFiles } from "./core/errors.js";

// `pipectl logs | head`: whoever reads our output has seen enough.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

// A child for whose pipes no descriptors are left: Node says so to a listener that nobody can have set yet. Who started it
// has the error in its own way (core/exec.ts).
process.on("uncaughtException", (error: NodeJS.ErrnoException) => {
  if (outOfFiles(error) && error.syscall?.startsWith("spawn ")) return;
  process.stderr.write(
    `error: ${error.stack}\n  try: this is a bug in pipectl: please report it with the lines above\n`,
  );
  process.exit(70);
});

// kafkajs 2.2.4 asks for a timer in the past when nothing throttles it (src/network/requestQueue). Node 24 says so in each
// command, and nobody who runs one can do anything about it.
const warn = process.emitWarning;
process.emitWarning = (warning: string | Error, ...rest: unknown[]) => {
  if (rest[0] !== "TimeoutNegativeWarning") (warn as (...words: unknown[]) => void)(warning, ...rest);
};

const dist = dirname(fileURLToPath(import.meta.url));
const words = process.argv.slice(2);
const cache = codeCache(join(dist, "cache"), words);
const { main, script } = load();
const exitCode = await main(words, {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  root: dirname(dist),
});
if (exitCode === 0) cache.keep(script);
// Not by itself: what a failed call left waiting (a retry, a socket) would hold the process for minutes.
process.stdout.write("", () => process.exit(exitCode));

/** Loads the program with its code cache; where not even its file can be opened, says why in one line. */
function load() {
  const file = join(dist, "main.cjs");
  try {
    // As Node wraps a CommonJS module, so that it has its own `require`.
    const source = `(function (module, require) {${readFileSync(file, "latin1")}\n})`;
    const script = new Script(source, { filename: file, cachedData: cache.read() });
    const module = {} as { exports: typeof import("./main.js") };
    script.runInThisContext()(module, createRequire(file));
    return { main: module.exports.main, script };
  } catch (error) {
    if (!outOfFiles(error)) throw error;
    process.stderr.write(
      `error: no file descriptors are left to start with (${(error as NodeJS.ErrnoException).code})\n  try: ulimit -n 4096\n`,
    );
    process.exit(3);
  }
}

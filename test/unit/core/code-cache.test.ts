import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Script } from "node:vm";
import { expect, test } from "vitest";
import { codeCache } from "../../../src/core/code-cache.js";
import { temporaryFolder } from "../../helpers/folder.js";

const folder = temporaryFolder();
const source = "(function add(a, b) { return a + b; })";
const compile = (cachedData: Buffer | undefined, text = source) => new Script(text, { cachedData });

test("what one run has compiled the next one reads, for each command by itself", () => {
  const cache = codeCache(join(folder, "a"), ["--json", "check-lag"]);
  expect(cache.read()).toBeUndefined();
  const script = compile(cache.read());
  expect(script.runInThisContext()(1, 2)).toBe(3);
  cache.keep(script);
  expect(compile(codeCache(join(folder, "a"), ["check-lag"]).read()).cachedDataRejected).toBe(false);
  expect(codeCache(join(folder, "a"), ["validate"]).read()).toBeUndefined();
});

test("one that does not fit is replaced, one that fits is left alone", () => {
  const cache = codeCache(join(folder, "b"), ["up"]);
  cache.keep(compile(undefined));
  const other = `${source};1`;
  const misfit = compile(cache.read(), other);
  expect(misfit.cachedDataRejected).toBe(true);
  cache.keep(misfit);
  const fitting = compile(cache.read(), other);
  expect(fitting.cachedDataRejected).toBe(false);
  const before = cache.read();
  cache.keep(fitting);
  expect(cache.read()).toEqual(before);
});

test("where nothing can be written, nothing happens", () => {
  const file = join(folder, "no-folder");
  writeFileSync(file, "");
  const cache = codeCache(file, ["up"]);
  cache.keep(compile(cache.read()));
  expect(cache.read()).toBeUndefined();
});

test("words that are no command make no other file", () => {
  const cache = codeCache(join(folder, "c"), ["../../x", "--version"]);
  cache.keep(compile(undefined));
  expect(existsSync(join(folder, "x"))).toBe(false);
  expect(readdirSync(join(folder, "c"))).toEqual([`help-${process.version}`]);
});

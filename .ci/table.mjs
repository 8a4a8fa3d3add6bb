// @ts-check
// The table of suites, `.ci/suites`: reading it, and what it says about a path. Needs Node alone: it is read before `npm ci`.
import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * @typedef {object} Suite
 * @property {string} name
 * @property {"always" | "changes" | "nightly"} when  `always`: the core. `nightly`: never chosen by a change.
 * @property {string} run  a command for bash, in the project's folder
 * @property {number} seconds  about what it takes on two cores
 * @property {readonly string[]} needs  what must be there: `stack`, `docker`, `go`
 * @property {"tests" | "exit"} counts  `exit`: the command reports no count of tests, its exit code is the one result
 * @property {readonly string[]} maySkip  files of tests that may skip all of their tests
 * @property {readonly string[]} paths  files and folders; a change of one chooses the suite
 */

/**
 * @typedef {object} Table
 * @property {readonly Suite[]} suites
 * @property {readonly string[]} all  files and folders; a change of one chooses every suite
 */

const keys = ["when", "run", "seconds", "needs", "counts", "may-skip", "paths"];

/**
 * @param {string} text
 * @returns {Table}
 * @throws {Error} with the line that is wrong
 */
export function parseTable(text) {
  /** @type {Map<string, string[]>} */
  const groups = new Map();
  /** @type {(Record<string, string[]> & { name: string[] })[]} */
  const blocks = [];
  for (const [i, line] of text.split("\n").entries()) {
    const [word = "", ...rest] = line
      .replace(/(^|\s)#.*/, "")
      .split(/\s+/)
      .filter(Boolean);
    const wrong = (/** @type {string} */ why) => new Error(`.ci/suites:${i + 1}: ${why}`);
    const expanded = () =>
      rest.flatMap((path) => {
        if (!path.startsWith("@")) return [path];
        const group = groups.get(path);
        if (group === undefined) throw wrong(`no group ${path} above`);
        return group;
      });
    if (word === "") continue;
    if (word.startsWith("@") || word === "all") {
      groups.set(word, [...(groups.get(word) ?? []), ...expanded()]);
      continue;
    }
    if (word === "suite") {
      if (rest.length !== 1) throw wrong("a suite has one name");
      if (blocks.some(({ name }) => name[0] === rest[0])) throw wrong(`a second suite ${rest[0]}`);
      blocks.push({ name: rest });
      continue;
    }
    const block = blocks.at(-1);
    if (!keys.includes(word) || block === undefined) throw wrong(`${word} is no key of a suite`);
    block[word] = [...(block[word] ?? []), ...(word === "paths" ? expanded() : rest)];
  }
  return { suites: blocks.map(suite), all: groups.get("all") ?? [] };
}

/**
 * @param {Record<string, string[]>} block
 * @returns {Suite}
 */
function suite({
  name = [],
  when = ["changes"],
  run = [],
  seconds = [],
  counts = ["tests"],
  needs = [],
  "may-skip": maySkip = [],
  paths = [],
}) {
  const wrong = (/** @type {string} */ why) => new Error(`.ci/suites: suite ${name[0]}: ${why}`);
  const [how, count] = [when.join(" "), counts.join(" ")];
  if (how !== "always" && how !== "changes" && how !== "nightly") throw wrong(`when ${how}`);
  if (count !== "tests" && count !== "exit") throw wrong(`counts ${count}`);
  if (run.length === 0) throw wrong("no run");
  if (!(Number(seconds[0]) > 0)) throw wrong("no seconds");
  return {
    ...{
      name: String(name[0]),
      when: how,
      run: run.join(" "),
      seconds: Number(seconds[0]),
      counts: count,
      needs,
      maySkip,
    },
    // A file of tests that the command names chooses the suite by itself.
    paths: [...paths, ...run.filter((word) => word.startsWith("test/"))],
  };
}

/**
 * Whether a path is one of these files, or below one of these folders.
 *
 * @param {readonly string[]} paths
 * @param {string} path
 */
export function covers(paths, path) {
  return paths.some((one) => path === one || path.startsWith(`${one}/`));
}

/** @param {string} root  the project's folder */
export function readTable(root) {
  return parseTable(readFileSync(join(root, ".ci", "suites"), "utf8"));
}

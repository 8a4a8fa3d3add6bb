// @ts-check
// Which suites a change needs: what has changed since the last commit at which all of them passed, against `.ci/suites`.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { covers, parseTable } from "./table.mjs";

/**
 * Files that differ from those of the commit in `.ci/base`, what is not committed and what git does not know yet included.
 *
 * @param {string} root  the project's folder
 * @returns {{ base: string, files: readonly string[] } | { unknown: string }} `unknown`: why nobody can tell
 */
export function changesSinceBase(root) {
  const git = (/** @type {string[]} */ ...args) => spawnSync("git", args, { cwd: root, encoding: "utf8" });
  let base = "";
  try {
    base = readFileSync(join(root, ".ci", "base"), "utf8").trim();
  } catch {
    return { unknown: "there is no .ci/base" };
  }
  if (!/^[0-9a-f]{40}$/.test(base)) return { unknown: ".ci/base does not hold a commit" };
  const short = base.slice(0, 12);
  if (git("cat-file", "-e", `${base}^{commit}`).status !== 0)
    return { unknown: `this clone does not have ${short}, the commit of .ci/base` };
  if (git("merge-base", "--is-ancestor", base, "HEAD").status !== 0)
    return { unknown: `${short}, the commit of .ci/base, is not an ancestor of HEAD` };
  // A file that was moved has two names, and both count.
  const changed = git("diff", "--name-only", "--no-renames", "-z", base);
  const untracked = git("ls-files", "--others", "--exclude-standard", "-z");
  if (changed.status !== 0 || untracked.status !== 0)
    return { unknown: `git: ${changed.stderr}${untracked.stderr}` };
  return { base, files: `${changed.stdout}${untracked.stdout}`.split("\0").filter(Boolean) };
}

/**
 * The table as it was at a commit. Where there was none, or none that can be read, it has no suite: so all of today are new.
 *
 * @param {string} root  the project's folder
 * @param {string} commit
 * @returns {import("./table.mjs").Table}
 */
export function tableAt(root, commit) {
  const { stdout } = spawnSync("git", ["show", `${commit}:.ci/suites`], { cwd: root, encoding: "utf8" });
  try {
    return parseTable(stdout);
  } catch {
    return { suites: [], all: [] };
  }
}

/** What a suite is, whatever time it takes. @param {import("./table.mjs").Suite | undefined} suite */
const entry = (suite) => JSON.stringify({ ...suite, seconds: 0 });

/**
 * The core, and what the changed files choose. A file that the table does not know chooses everything: so nobody can forget
 * to enter a new folder. A suite that is new in the table, or whose entry was another one, is chosen as well.
 *
 * @param {import("./table.mjs").Table} table
 * @param {readonly string[]} files
 * @param {import("./table.mjs").Table} before  the table of the base
 * @returns {{ chosen: readonly string[], why: string }} names of suites
 */
export function choose({ suites, all }, files, before) {
  const own = suites.filter(({ when }) => when !== "nightly");
  const every = own.map(({ name }) => name);
  const known = suites.flatMap(({ paths }) => paths);
  for (const file of files) {
    if (covers(all, file)) return { chosen: every, why: `${file} has changed` };
    if (!covers(known, file)) return { chosen: every, why: `${file} has changed, and no suite names it` };
  }
  const chosen = own.filter(
    (suite) =>
      suite.when === "always" ||
      files.some((file) => covers(suite.paths, file)) ||
      entry(suite) !== entry(before.suites.find(({ name }) => name === suite.name)),
  );
  return { chosen: chosen.map(({ name }) => name), why: `${files.length} files have changed` };
}

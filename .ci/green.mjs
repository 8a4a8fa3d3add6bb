// @ts-check
// What passed at which commit, so that a nightly run that was cut off goes on where it was. Kept in build/ci/green.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The commit whose files lie here; `undefined` while something is changed. `.ci/base` does not count: a nightly run writes it.
 *
 * @param {string} root
 * @returns {string | undefined}
 */
export function cleanCommit(root) {
  const git = (/** @type {string[]} */ ...args) => spawnSync("git", args, { cwd: root, encoding: "utf8" });
  const status = git("status", "--porcelain", "--", ".", ":!.ci/base");
  const head = git("rev-parse", "HEAD");
  return status.status === 0 && head.status === 0 && status.stdout === "" ? head.stdout.trim() : undefined;
}

/**
 * @param {string} root
 * @param {string} commit
 */
export function greenAt(root, commit) {
  const folder = join(root, "build", "ci", "green", commit);
  return {
    /**
     * @param {string} name
     * @returns {import("./runner.mjs").Timed | undefined}
     */
    read(name) {
      try {
        return JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8"));
      } catch {
        return undefined;
      }
    },
    /**
     * @param {string} name
     * @param {import("./runner.mjs").Timed} outcome
     */
    keep(name, outcome) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, `${name}.json`), JSON.stringify(outcome));
    },
  };
}

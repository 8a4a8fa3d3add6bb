// @ts-check
// What suites need beyond packages, made once for each run, and what a run must not leave behind.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { shell } from "./runner.mjs";

/** @typedef {import("./runner.mjs").Need} Need */

/** What a need is called in `.ci/suites`. `stack` (servers of its own) and `cores` (both for itself) are there after .ci/tools. */
export const knownNeeds = ["stack", "cores", "go", "docker"];

/**
 * @param {string} root
 * @param {string} logs  a folder
 * @returns {(name: string) => Promise<Need>}
 */
export function needsOf(root, logs) {
  /** @type {Map<string, Promise<Need>>} */
  const made = new Map();
  const go = async () => found(spawnSync("go", ["version"]).status === 0, "there is no Go");
  const docker = async () => {
    const log = join(logs, "engine.log");
    const exitCode = await shell(".ci/docker start", { cwd: root, log });
    const note = readFileSync(log, "utf8").trim().split("\n").at(-1) ?? "";
    if (exitCode === 0 || exitCode === 3) return found(exitCode === 0, note);
    return /** @type {Need} */ ({ state: "failed", note });
  };
  return (name) => {
    const making =
      made.get(name) ??
      (name === "go" ? go() : name === "docker" ? docker() : Promise.resolve(found(true, "")));
    made.set(name, making);
    return making;
  };
}

/** @param {boolean} there @param {string} note @returns {Need} */
const found = (there, note) => ({ state: there ? "there" : "missing", note: there ? "" : note });

/** Ends the Docker engine that this run has started. @param {string} root @returns {string} what is wrong; else empty */
export function endEngine(root) {
  const { status, stdout } = spawnSync(join(root, ".ci", "docker"), ["stop"], { encoding: "utf8" });
  return status === 0 ? "" : stdout.trim();
}

/** Processes of a stack below this folder. @param {string} root @returns {readonly string[]} lines of `ps` */
export function leftBehind(root) {
  const { stdout } = spawnSync("ps", ["-axww", "-o", "pid=,args="], { encoding: "utf8" });
  return stdout.split("\n").filter((line) => line.includes(`-Dpipectl.home=${root}/`));
}

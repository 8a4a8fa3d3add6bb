import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "./environment.js";

/** A line of a page of docs/ that a reader is to type: words of pipectl, or a variable of the shell. */
export type Line = { readonly args: readonly string[] } | { readonly name: string; readonly value: string };

/** Every `$ …` line of a page's `console` blocks, in order. */
export function consoleLines(page: string): Line[] {
  const text = readFileSync(join(projectRoot, "docs", page), "utf8");
  const blocks = [...text.matchAll(/^```console\n([\s\S]*?)^```/gm)].map(([, block = ""]) => block);
  return blocks.flatMap((block) => [...block.matchAll(/^\$ (.+)$/gm)].map(([, line = ""]) => lineOf(line)));
}

/**
 * What a page says that its commands print, as far as it is the same in each run: the account and the counts of silver, by
 * partition and in all. Times are left out, what else a stage says at that moment, and lag: Flink commits the offsets of the
 * consumer group when it gets to it.
 */
export const printedCounts = (page: string): string[] =>
  [...readFileSync(join(projectRoot, "docs", page), "utf8").matchAll(/^```text\n([\s\S]*?)^```/gm)]
    .filter(([, block = ""]) => !block.includes("COMMITTED"))
    .flatMap(([, block = ""]) => countsIn(block));

/** The same of what was printed. */
export const countsIn = (text: string): string[] =>
  text
    .split("\n")
    .filter((line) => /^\[Stage [345]\]|^ +(\d|all|total) |^(bronze|dead letters|silver) +\d/.test(line))
    .map((line) =>
      line
        .replace(/(?<=^\[Stage 3\].* dead letters),.*|(?<=^\[Stage 5\].* rows),.*/, "")
        .replace(/\d+\.\d+ s/g, "… s")
        .replace(/ +/g, " "),
    );

function lineOf(line: string): Line {
  const [, name, value] = /^export (\w+)=(\S+)$/.exec(line) ?? [];
  if (name !== undefined && value !== undefined) return { name, value };
  const [program, ...args] = line.split(" ");
  if (program !== "pipectl" || /["'|>&;]/.test(line)) throw new Error(`no test can run this line: ${line}`);
  return { args };
}

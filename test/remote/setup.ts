import { execa } from "execa";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  export interface ProvidedContext {
    /** Why the servers of these tests cannot be had; empty when they can. */
    readonly missing: string;
  }
}

/** The servers are built from their sources, and their certificates made, by programs that a machine may lack. */
export default async function setup(project: TestProject): Promise<void> {
  const wanted = { go: ["version"], openssl: ["version"] };
  const looks = Object.entries(wanted).map(async ([program, args]) =>
    (await execa(program, args, { reject: false })).exitCode === 0 ? [] : [program],
  );
  const missing = (await Promise.all(looks)).flat().join(" and ");
  project.provide("missing", missing);
  if (missing !== "") process.stdout.write(`\nskipped: the suite of remote servers needs ${missing}\n`);
}

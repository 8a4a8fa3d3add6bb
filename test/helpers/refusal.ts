import { expect } from "vitest";
import { catalogClient, tableIds } from "./iceberg.js";
import { pipectl } from "./stack.js";

/** What a command says when something outside is broken: a code, one message, and an exit code; never a stack. */
export async function refusal(args: readonly string[], environment: Record<string, string> = {}) {
  const { exitCode, stdout, stderr } = await pipectl([...args, "--json"], { env: environment });
  expect(`${stdout}${stderr}`).not.toMatch(/\n {4}at |this is a bug/);
  return { exitCode, ...(JSON.parse(stdout).error as { code: string; message: string; hint?: string }) };
}

/** The problems that `doctor` names. */
export async function diagnosis(environment: Record<string, string> = {}): Promise<string> {
  const { stdout } = await pipectl(["doctor"], { env: environment });
  return stdout
    .split("\n")
    .filter((line) => line.startsWith("problem"))
    .join("\n");
}

/** Branches and tags of the three tables: what has been published, and what somebody is about to. */
export async function heads() {
  const tables = await Promise.all(Object.values(tableIds).map((id) => catalogClient().table(id)));
  return tables.map((table) => table?.refs);
}

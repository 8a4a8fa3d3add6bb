import { afterAll, beforeAll, expect, test } from "vitest";
import type { ValidateResult } from "../../src/pipeline/validate/result.js";
import { expectExactAccount } from "../helpers/account.js";
import { catalogClient, expectExactSilver, silverRows, tableIds } from "../helpers/iceberg.js";
import { consoleLines, countsIn, printedCounts } from "../helpers/page.js";
import { emptyStack, interrupted, pipectl, pipectlJson } from "../helpers/stack.js";

beforeAll(emptyStack);
afterAll(async () => void (await pipectl(["stop", "--cancel"])));

// The quicker of the two ways; test/chaos/stream-life.test.ts and stream.test.ts go the other one.
const env: Record<string, string> = { SUBMIT_VIA: "gateway" };
const lines = consoleLines("streaming.md").map((line, i) => ({
  number: i + 1,
  line,
  text: "args" in line ? `pipectl ${line.args.join(" ")}` : `${line.name}=${line.value}`,
}));

let printed = "";

// From batch to streaming, and back, as a reader does it.
test.each(lines)("docs/streaming.md, line $number: $text", async ({ line, text }) => {
  if ("name" in line) {
    env[line.name] = line.value;
    return;
  }
  if (line.args.includes("--watch")) {
    const { exitCode, seen, stdout } = await interrupted([...line.args], /./, { env, of: "stdout" });
    expect({ exitCode, seen }).toEqual({ exitCode: 130, seen: true });
    expect(stdout).toContain("unlanded: ");
    return;
  }
  const { exitCode, stdout, stderr } = await pipectl(line.args, { env });
  printed += stdout;
  expect(exitCode, `${text}\n${stdout}\n${stderr}`).toBe(0);
  if (line.args.includes("--settle") || line.args.includes("--deep")) await expectExactAccount();
  if (line.args.includes("--deep")) await expectExactSilver();
});

test("the counts that the page shows are those of a run", () => {
  const shown = printedCounts("streaming.md");
  expect(shown.length).toBeGreaterThan(15);
  const seen = countsIn(printed);
  expect(shown.filter((line) => !seen.includes(line))).toEqual([]);
});

test("at its end silver is what a single batch run makes of the same topic, row by row", async () => {
  expect(lines.length).toBeGreaterThan(20);
  const { counts } = await pipectlJson<ValidateResult>(["validate"]);
  expect(counts).toMatchObject({ produced: 51_000, notLanded: 0, unaccounted: 0 });
  const grown = await silverRows();
  for (const id of Object.values(tableIds)) await catalogClient().dropTable(id);
  await pipectlJson(["process"]);
  await expectExactAccount();
  expect(await silverRows()).toEqual(grown);
  expect(grown.length).toBeGreaterThan(25_000);
});

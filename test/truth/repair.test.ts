import { mkdir, readdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { RepairResult } from "../../src/pipeline/repair/repair.js";
import type { ValidateResult } from "../../src/pipeline/validate/result.js";
import { expectExactAccount } from "../helpers/account.js";
import {
  catalogClient,
  expectExactSilver,
  expireAllButTheLast,
  pythonOfReader,
  readTable,
  tableIds,
} from "../helpers/iceberg.js";
import { emptyStack, pipectl, pipectlJson } from "../helpers/stack.js";

const batch = { env: { MODE: "batch", SUBMIT_VIA: "gateway" } };
const streaming = {
  env: { MODE: "streaming_bronze", CHECKPOINT_INTERVAL: "1s", SUBMIT_VIA: "gateway" },
};
type Mode = typeof batch;
type Kind = keyof typeof tableIds;

/** By PyIceberg, behind pipectl's back: see sabotage.py. */
async function sabotage(kind: Kind, ...what: readonly string[]): Promise<void> {
  const { namespace, table } = tableIds[kind];
  const uri = `http://127.0.0.1:${inject("stack").CATALOG_PORT}`;
  const script = new URL("../helpers/sabotage.py", import.meta.url).pathname;
  await execa(await pythonOfReader(), [script, uri, `${namespace}.${table}`, ...what]);
}

const accountText = async () =>
  (await catalogClient().table(tableIds.bronze))?.properties["pipectl.account"] ?? "";

/** The account with other numbers of the first partition. */
async function wrongAccount(change: (line: Record<string, number>) => Record<string, number>) {
  const account = JSON.parse(await accountText()) as { partitions: Record<string, number>[] };
  const [first = {}, ...others] = account.partitions;
  return JSON.stringify({ ...account, partitions: [change(first), ...others] });
}

/** Every value of bronze and the dead letters, as PyIceberg reads them, but for the time of the ingestion. */
async function values(): Promise<string[]> {
  const found = await Promise.all(
    (["bronze", "dlq"] as const).map(async (kind) => {
      const fields = (await catalogClient().table(tableIds[kind]))?.schema.fields ?? [];
      const columns = fields.map(({ name }) => name).filter((name) => name !== "ingestion_ts");
      const { namespace, table } = tableIds[kind];
      return (await readTable(`${namespace}.${table}`, columns)).map((row) => JSON.stringify([kind, ...row]));
    }),
  );
  return found.flat().sort();
}

async function validated(mode: Mode, ...more: readonly string[]) {
  const { exitCode, stdout } = await pipectl(["validate", "--deep", "--json", ...more], mode);
  const { stages } = JSON.parse(stdout) as ValidateResult;
  return { exitCode, wrong: stages.filter(({ status }) => status === "fail" || status === "unknown") };
}

let exact: string[] = [];

/** One `validate` sees it and names the command, which is followed to the letter and leads back to each value. */
async function expectWayBack(mode: Mode, finding: string): Promise<void> {
  const { exitCode, wrong } = await validated(mode);
  expect([exitCode, wrong.length > 0], JSON.stringify(wrong)).toEqual([1, true]);
  // Silver may differ from bronze then, too, and be made again; the first thing to do is the repair.
  expect(wrong[0]?.hint, JSON.stringify(wrong)).toMatch(/^pipectl repair\b/);
  const repaired = await pipectlJson<RepairResult>(["repair", "--yes"], mode);
  expect([repaired.done, repaired.gone, repaired.findings[0]?.finding]).toEqual([true, 0, finding]);
  const after = await validated(mode, "--settle", "60s");
  expect([after.exitCode, after.wrong]).toEqual([0, []]);
  await expectExactAccount();
  await expectExactSilver();
  expect(await values()).toEqual(exact);
}

beforeAll(emptyStack);
afterAll(async () => void (await pipectl(["stop", "--cancel"])));

describe("in batch", () => {
  beforeAll(async () => {
    await pipectlJson(["generate", "--count", "300", "--malformed", "0.1", "--seed", "1"]);
    await pipectlJson(["process"], batch);
    exact = await values();
  });

  test.each([
    ["null", async () => "null"],
    ["no JSON", async () => "{oops"],
    ["wrong in its numbers", () => wrongAccount((line) => ({ ...line, bronze: 3, next: 11 }))],
  ])("an account that is %s is counted again", async (_what, text) => {
    await sabotage("bronze", "account", await text());
    await expectWayBack(batch, "account_untrusted");
  });

  test.each([
    ["bronze", "remove-file"],
    ["dlq", "damage-file"],
    ["silver", "remove-file"],
  ] as const)("a file of %s is gone or damaged: %s", async (kind, what) => {
    await sabotage(kind, what);
    await expectWayBack(batch, "file_unreadable");
  });

  test.each([
    ["double", "rows_doubled"],
    ["beyond", "rows_elsewhere"],
  ])("another program's row (%s), and the snapshots before it are expired", async (what, finding) => {
    await sabotage("bronze", what);
    await expireAllButTheLast(tableIds.bronze);
    await expectWayBack(batch, finding);
  });

  test.each(["double", "beyond", "change"])("another program's row (%s)", async (what) => {
    await sabotage("bronze", what);
    await expectWayBack(batch, "foreign_commits");
  });

  test("what nobody holds among the locks is named, and goes", async () => {
    const folder = join(inject("stack").STATE_DIR as string, "locks", "run");
    await mkdir(join(folder, "1-1-0a0b0c.lock"), { recursive: true });
    const empty = join(folder, `${process.pid}-1-0a0b0d.lock`);
    await writeFile(empty, "");
    await utimes(empty, new Date(0), new Date(0));
    await writeFile(join(folder, "strange"), "");
    const { stdout } = await pipectl(["doctor", "--json"]);
    const [found] = (JSON.parse(stdout).findings as { check: string; hint: string }[]).filter(
      ({ check }) => check === "Locks",
    );
    expect(found?.hint).toBe("pipectl repair");
    expect((await pipectlJson<RepairResult>(["repair", "--yes"], batch)).findings[0]?.finding).toBe("locks");
    expect(await readdir(folder)).toEqual([]);
  });
});

describe("beside streams", () => {
  beforeAll(async () => {
    await pipectlJson(["process-streaming", "--silver", "--wait-checkpoint"], streaming);
    await pipectlJson(["generate", "--count", "300", "--malformed", "0.1", "--seed", "2"]);
    await pipectlJson(["validate", "--settle", "60s"], streaming);
    exact = await values();
  });

  test("an account that is null is counted again", async () => {
    await sabotage("bronze", "account", "null");
    await expectWayBack(streaming, "account_untrusted");
  });

  test("a file of bronze is gone", async () => {
    await sabotage("bronze", "remove-file");
    await expectWayBack(streaming, "file_unreadable");
  });

  test("another program's row, and the snapshots before it are expired", async () => {
    await sabotage("bronze", "double");
    await expireAllButTheLast(tableIds.bronze);
    await expectWayBack(streaming, "rows_doubled");
  });

  test("a file of silver is gone", async () => {
    await sabotage("silver", "remove-file");
    await expectWayBack(streaming, "file_unreadable");
  });
});

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { exportLines, exportToFile } from "../../../../src/pipeline/dead-letters/export-file.js";
import { newestDeadLetters } from "../../../../src/pipeline/dead-letters/show.js";
import { temporaryFolder } from "../../../helpers/folder.js";
import { fakeGateway } from "../../../helpers/gateway.js";
import { problemOf } from "../../../helpers/problem.js";
import { icebergTable, landing } from "../../../helpers/tables.js";
import { workspaceOf } from "../../../helpers/workspace.js";

const folder = temporaryFolder();
const every = { reason: null, field: null, partition: null };
const base64 = (text: string) => Buffer.from(text).toString("base64");

interface Fake {
  readonly offset: number;
  readonly value: Buffer | null;
  /** Minutes past noon. */
  readonly minute?: number;
}

/** A gateway with these letters in partition 0; one that is large comes in pieces, the last one first. */
async function workspaceWith(deadLetters: readonly Fake[], more: { lost?: number } = {}) {
  const { runtime, queries } = await fakeGateway((sql) => {
    if (/^SELECT piece/.test(sql)) {
      const offset = Number(/kafka_offset = (\d+)/.exec(sql)?.[1]);
      const value = deadLetters.find((one) => one.offset === offset)?.value ?? Buffer.alloc(0);
      const pieces = Math.ceil(value.length / 1_000_000);
      return Array.from({ length: pieces }, (_, i) => [
        i,
        value.subarray(i * 1_000_000, (i + 1) * 1_000_000).toString("base64"),
      ]).reverse();
    }
    if (!sql.includes("BETWEEN"))
      return deadLetters.map(({ offset, value }) => [0, 0, offset, null, value?.length ?? null]);
    return deadLetters
      .slice(more.lost ?? 0)
      .map(({ offset, value, minute = 0 }) => {
        const at = `2026-01-31 12:${String(minute).padStart(2, "0")}:00.000000`;
        const small = value !== null && value.length <= 1_000_000;
        return [0, 0, offset, at, "not_json: it's", null, small ? value.toString("base64") : null];
      })
      .reverse();
  });
  const table = icebergTable([landing("7", null, { 0: 1 })]);
  return { workspace: workspaceOf({ catalog: { table: async () => table }, runtime }), queries };
}

const deadLetters: Fake[] = [
  { offset: 3, value: Buffer.from("text") },
  { offset: 5, value: null },
  { offset: 8, value: Buffer.from([0xc3, 0x28]) },
];

describe("an export", () => {
  it("is a line for each, in their order, at one snapshot", async () => {
    const file = join(folder, "some.jsonl");
    const { workspace, queries } = await workspaceWith(deadLetters);
    expect(await exportToFile(workspace, every, file)).toEqual({ file, records: 3 });
    const lines = readFileSync(file, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      {
        incarnation: 0,
        partition: 0,
        offset: 3,
        timestamp: "2026-01-31T12:00:00.000Z",
        key: null,
        value: "text",
      },
      { offset: 5, value: null },
      { offset: 8, value: "wyg=", valueEncoding: "base64" },
    ]);
    for (const sql of queries) expect(sql).toContain("OPTIONS('snapshot-id' = '7')");
  });

  it("puts a large one together again", async () => {
    const value = Buffer.alloc(2_500_000, "é");
    const { workspace } = await workspaceWith([...deadLetters, { offset: 9, value }]);
    const lines: string[] = [];
    expect(await exportLines(workspace, every, async (line) => void lines.push(line))).toBe(4);
    expect(Buffer.from(JSON.parse(lines[3] ?? "").value).equals(value)).toBe(true);
  });

  it("writes over no file, and asks nobody before", async () => {
    const file = join(folder, "there");
    writeFileSync(file, "mine");
    const { workspace, queries } = await workspaceWith(deadLetters);
    expect(await problemOf(() => exportToFile(workspace, every, file))).toMatchObject({
      ...{ kind: "usage", code: "file_exists" },
    });
    expect([readFileSync(file, "utf8"), queries]).toEqual(["mine", []]);
  });

  it("says where it cannot write", async () => {
    const { workspace } = await workspaceWith(deadLetters);
    expect(
      await problemOf(() => exportToFile(workspace, every, join(folder, "no", "such", "x"))),
    ).toMatchObject({ code: "export_not_written" });
  });

  it("leaves nothing behind where rows are not what was looked up", async () => {
    const file = join(folder, "part.jsonl");
    const { workspace } = await workspaceWith(deadLetters, { lost: 1 });
    expect(await problemOf(() => exportToFile(workspace, every, file))).toMatchObject({
      code: "dlq_unreadable",
    });
    expect(existsSync(file)).toBe(false);
    expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });
});

describe("the newest ones", () => {
  it("come first, by Kafka's time and not by their offset", async () => {
    const { workspace, queries } = await workspaceWith([
      { offset: 3, value: Buffer.from("a"), minute: 5 },
      { offset: 5, value: Buffer.from("b"), minute: 9 },
      { offset: 8, value: Buffer.from("c"), minute: 5 },
    ]);
    const found = await newestDeadLetters(workspace, { ...every, partition: 0 }, 3);
    expect(found.map(({ offset }) => offset)).toEqual([5, 8, 3]);
    expect(queries[0]).toMatch(/WHERE kafka_partition = 0 ORDER BY kafka_timestamp DESC.* LIMIT 3$/);
    expect(found[0]?.value).toEqual(Buffer.from(base64("b"), "base64"));
  });

  it("are not read when they are more than a person reads", async () => {
    const many = Array.from({ length: 7 }, (_, i) => ({ offset: i, value: Buffer.alloc(10_000_000) }));
    const { workspace } = await workspaceWith(many);
    expect(await problemOf(() => newestDeadLetters(workspace, every, 7))).toMatchObject({
      ...{ kind: "usage", code: "too_large", hint: expect.stringContaining("dlq export") },
    });
  });
});

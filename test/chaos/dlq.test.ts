import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { AcceptPlan } from "../../src/pipeline/dead-letters/accept.js";
import type { DeadLetterLine } from "../../src/pipeline/dead-letters/dead-letter-line.js";
import type { DlqSummary } from "../../src/pipeline/dead-letters/summary.js";
import type { Ledger } from "../../src/pipeline/topic/generate.js";
import { temporaryFolder } from "../helpers/folder.js";
import { consumeAll, produce } from "../helpers/kafka.js";
import { emptyStack, pipectl, pipectlJson } from "../helpers/stack.js";

const topic = "taxi.raw_trips";
const folder = temporaryFolder();
beforeAll(emptyStack);

const bytesOf = (text: string | null, encoding: "base64" | undefined) =>
  text === null ? null : Buffer.from(text, encoding ?? "utf8");

test("dead letters are counted, come back byte by byte, and are accepted", async () => {
  expect(await pipectlJson<DlqSummary>(["dlq"])).toMatchObject({ total: 0, open: 0, reasons: [] });
  // A row of a query's result has 2 MB at the most.
  const large = Buffer.concat([Buffer.alloc(3_000_000, "é"), Buffer.from([0xff, 0x1b])]);
  await produce(topic, [
    { key: Buffer.from([0xff, 0]), value: large },
    { key: Buffer.alloc(0), value: null },
    { key: null, value: Buffer.alloc(0) },
  ]);
  const ledger = await pipectlJson<Ledger>(["generate", "--count", "1000", "--malformed", "0.2"]);
  await pipectlJson(["process"]);

  const total = ledger.malformed + 3;
  const summary = await pipectlJson<DlqSummary>(["dlq"]);
  expect(summary).toMatchObject({ total, accepted: 0, open: total, max: null });
  for (const lines of [summary.reasons, summary.partitions])
    expect(lines.reduce((sum, { count }) => sum + count, 0)).toBe(total);
  const tombstones = summary.reasons.find(({ reason }) => reason === "tombstone")?.count ?? 0;
  expect(tombstones).toBeGreaterThan(1);

  const file = join(folder, "letters.jsonl");
  expect(await pipectlJson(["dlq", "export", file])).toEqual({ file, records: total });
  const text = await readFile(file, "utf8");
  const deadLetters = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as DeadLetterLine);
  expect(deadLetters).toHaveLength(total);
  const sent = new Map((await consumeAll(topic)).map((one) => [`${one.partition}/${one.offset}`, one]));
  for (const deadLetter of deadLetters) {
    const { key = null, value = null } = sent.get(`${deadLetter.partition}/${deadLetter.offset}`) ?? {};
    const same = (a: Buffer | null, b: Buffer | null) =>
      a === null ? b === null : b !== null && a.equals(b);
    const at = `partition ${deadLetter.partition}, offset ${deadLetter.offset}`;
    expect(same(bytesOf(deadLetter.key, deadLetter.keyEncoding), key), `key of ${at}`).toBe(true);
    expect(same(bytesOf(deadLetter.value, deadLetter.valueEncoding), value), `value of ${at}`).toBe(true);
  }
  expect((await pipectl(["dlq", "export", file])).exitCode).toBe(2);
  expect(`${(await pipectl(["dlq", "export", "-", "-q"])).stdout}\n`).toBe(text);
  const shown = await pipectlJson<{ letters: DeadLetterLine[] }>([
    "dlq",
    "show",
    "5",
    "--reason",
    "tombstone",
  ]);
  expect(shown.letters.map(({ value }) => value)).toEqual(Array(Math.min(5, tombstones)).fill(null));

  const stage = async (max: number) => {
    const { stdout } = await pipectl(["validate", "--json"], { env: { DLQ_MAX: String(max) } });
    return (JSON.parse(stdout) as { stages: { stage: number; status: string; detail: string }[] }).stages[2];
  };
  expect(await stage(total - 1)).toMatchObject({
    status: "fail",
    detail: expect.stringContaining(
      `${total} dead letters that nobody has accepted, more than DLQ_MAX=${total - 1}`,
    ),
  });
  const accept = ["dlq", "accept", "--reason", "tombstone", "--note", "old", "--yes"];
  expect(await pipectlJson<AcceptPlan>(accept)).toMatchObject({
    ...{ added: tombstones, accepted: tombstones, open: total - tombstones, done: true },
  });
  expect(await stage(total - tombstones)).toMatchObject({ status: "pass" });
  const revoke = ["dlq", "accept", "--revoke", "--yes"];
  expect(await pipectlJson(revoke)).toMatchObject({ revoked: tombstones, accepted: 0, open: total });
});

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readRunRecord, recordJob } from "../../../src/workspace/run-record.js";
import { root, temporaryFolder } from "../../helpers/folder.js";
import { problemOf } from "../../helpers/problem.js";

const folder = temporaryFolder();
const job = (id: string) => ({ id, name: `pipectl ${id}`, state: "FINISHED", seconds: 1 }) as const;

it("keeps the last job of each kind, with its end", async () => {
  const state = join(folder, "a");
  expect(await readRunRecord(state, "taxi")).toEqual({});
  await recordJob(state, "taxi", "bronze", job("b1"));
  await recordJob(state, "taxi", "silver", job("s1"));
  await recordJob(state, "taxi", "bronze", job("b2"));
  const record = await readRunRecord(state, "taxi");
  expect(record).toMatchObject({ bronze: job("b2"), silver: job("s1") });
  expect(Math.abs(Date.parse(record.bronze?.endedAt ?? "") - Date.now())).toBeLessThan(60_000);
  expect(readdirSync(join(state, "runs", "taxi"))).toEqual(["last-jobs.json"]);
  expect(await readRunRecord(state, "orders")).toEqual({});
});

it("takes a damaged file for none, and writes a good one over it", async () => {
  const state = join(folder, "b");
  mkdirSync(join(state, "runs", "taxi"), { recursive: true });
  for (const text of [
    "{half",
    "[]",
    JSON.stringify({ bronze: { id: 1 } }),
    JSON.stringify({ version: 1, silver: null }),
  ]) {
    writeFileSync(join(state, "runs", "taxi", "last-jobs.json"), text);
    expect(await readRunRecord(state, "taxi")).toEqual({});
  }
  await recordJob(state, "taxi", "silver", job("s1"));
  expect(await readRunRecord(state, "taxi")).toMatchObject({ silver: job("s1") });
});

it("takes over the record of all datasets, which had no version, and leaves that of a newer pipectl as it is", async () => {
  const state = join(folder, "c");
  const former = join(state, "runs", "last-jobs.json");
  mkdirSync(join(state, "runs"), { recursive: true });
  const old = readFileSync(join(root, "test/unit/state/samples/run-record-0-f684420.json"), "utf8");
  const other = {
    ...job("s0"),
    name: "pipectl silver orders 20261123T101500-3f9a",
    endedAt: "2026-11-23T10:16:00Z",
  };
  const both = JSON.stringify({ ...JSON.parse(old), silver: other });
  writeFileSync(former, both);
  expect(await readRunRecord(state, "taxi")).toEqual(JSON.parse(old));
  expect(await readRunRecord(state, "orders")).toEqual({ silver: other });
  expect(await readRunRecord(state, "trips")).toEqual({});
  await recordJob(state, "taxi", "silver", job("s1"));
  const file = join(state, "runs", "taxi", "last-jobs.json");
  expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({
    version: 1,
    ...JSON.parse(old),
    silver: job("s1"),
  });
  // The other datasets still have theirs there.
  expect(readFileSync(former, "utf8")).toBe(both);
  writeFileSync(file, JSON.stringify({ version: 2 }));
  expect(await problemOf(() => readRunRecord(state, "taxi"))).toMatchObject({ code: "state_newer" });
  expect(await problemOf(() => recordJob(state, "taxi", "bronze", job("b1")))).toMatchObject({
    code: "state_newer",
  });
  expect(readFileSync(file, "utf8")).toBe(JSON.stringify({ version: 2 }));
});

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
  expect(await readRunRecord(state)).toEqual({});
  await recordJob(state, "bronze", job("b1"));
  await recordJob(state, "silver", job("s1"));
  await recordJob(state, "bronze", job("b2"));
  const record = await readRunRecord(state);
  expect(record).toMatchObject({ bronze: job("b2"), silver: job("s1") });
  expect(Math.abs(Date.parse(record.bronze?.endedAt ?? "") - Date.now())).toBeLessThan(60_000);
  expect(readdirSync(join(state, "runs"))).toEqual(["last-jobs.json"]);
});

it("takes a damaged file for none, and writes a good one over it", async () => {
  const state = join(folder, "b");
  mkdirSync(join(state, "runs"), { recursive: true });
  for (const text of [
    "{half",
    "[]",
    JSON.stringify({ bronze: { id: 1 } }),
    JSON.stringify({ version: 1, silver: null }),
  ]) {
    writeFileSync(join(state, "runs", "last-jobs.json"), text);
    expect(await readRunRecord(state)).toEqual({});
  }
  await recordJob(state, "silver", job("s1"));
  expect(await readRunRecord(state)).toMatchObject({ silver: job("s1") });
});

it("reads the record that had no version, and leaves that of a newer pipectl as it is", async () => {
  const state = join(folder, "c");
  const file = join(state, "runs", "last-jobs.json");
  mkdirSync(join(state, "runs"), { recursive: true });
  const old = readFileSync(join(root, "test/unit/state/samples/run-record-0-f684420.json"), "utf8");
  writeFileSync(file, old);
  expect(await readRunRecord(state)).toEqual(JSON.parse(old));
  await recordJob(state, "silver", job("s1"));
  expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({
    version: 1,
    ...JSON.parse(old),
    silver: job("s1"),
  });
  writeFileSync(file, JSON.stringify({ version: 2 }));
  expect(await problemOf(() => readRunRecord(state))).toMatchObject({ code: "state_newer" });
  expect(await problemOf(() => recordJob(state, "bronze", job("b1")))).toMatchObject({ code: "state_newer" });
  expect(readFileSync(file, "utf8")).toBe(JSON.stringify({ version: 2 }));
});

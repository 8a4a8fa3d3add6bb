import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readRunRecord, recordJob } from "../../../src/workspace/run-record.js";
import { temporaryFolder } from "../../helpers/folder.js";

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

it("takes a file that is no JSON for none", async () => {
  const state = join(folder, "b");
  mkdirSync(join(state, "runs"), { recursive: true });
  writeFileSync(join(state, "runs", "last-jobs.json"), "{half");
  expect(await readRunRecord(state)).toEqual({});
});

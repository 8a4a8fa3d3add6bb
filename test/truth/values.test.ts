import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ValidateResult } from "../../src/pipeline/validate/result.js";
import { catalogClient, changeValue, putDeadLetterInstead, readTable, tableIds } from "../helpers/iceberg.js";
import { emptyStack, freshTopic, pipectl, pipectlJson } from "../helpers/stack.js";

beforeAll(emptyStack);
beforeEach(freshTopic);

type Place = [partition: number, offset: number];

/** What `validate --deep` says of each stage, whatever its exit code. */
async function deep(mode = "batch") {
  const { stdout } = await pipectl(["validate", "--deep", "--json", "--mode", mode]);
  const { stages } = JSON.parse(stdout) as ValidateResult;
  return stages.map(({ stage, status, detail }) => `${stage} ${status}: ${detail}`).join("\n");
}

/** Nothing fails, and all values are those that were written. */
async function expectExact(mode?: string): Promise<void> {
  const said = await deep(mode);
  expect(said).not.toContain(" fail: ");
  expect(said).toContain("none missing, all values as they were written");
}

const bronze = "bronze.raw_trips";
const valueAt = async ([partition, offset]: Place) =>
  (await readTable(bronze, ["kafka_partition", "kafka_offset", "total_amount"])).find(
    ([p, o]) => p === partition && o === offset,
  )?.[2];

/** Every value of bronze, as PyIceberg reads them. */
async function valuesOfBronze(): Promise<string[]> {
  const fields = (await catalogClient().table(tableIds.bronze))?.schema.fields ?? [];
  const columns = fields.map(({ name }) => name).filter((name) => name !== "ingestion_ts");
  return (await readTable(bronze, columns)).map((row) => JSON.stringify(row)).sort();
}

async function goodRow(): Promise<Place> {
  const [row] = await readTable(bronze, ["kafka_partition", "kafka_offset"]);
  return row as Place;
}

/** A command must refuse because of rows that are not pipectl's. @returns its hint */
async function refused(...args: string[]): Promise<string> {
  const heads = async () =>
    await Promise.all(
      Object.values(tableIds).map(async (id) => (await catalogClient().table(id))?.current?.id),
    );
  const before = await heads();
  const { exitCode, stdout } = await pipectl([...args, "--json"]);
  const { error } = JSON.parse(stdout) as { error: { code: string; message: string; hint: string } };
  expect([exitCode, error.code]).toEqual([1, "rows_not_ours"]);
  expect(error.message).toMatch(/^[12] rows? that pipectl did not write (is|are) in bronze\.raw_trips or /);
  expect(await heads()).toEqual(before);
  return error.hint;
}

/** Carries out the rollbacks that a hint names. */
async function rollBack(hint: string): Promise<void> {
  const commands = [...hint.matchAll(/pipectl (rollback (?:bronze|dlq) --to \d+)/g)];
  expect(commands.length).toBeGreaterThan(0);
  for (const [, words = ""] of commands) await pipectlJson([...words.split(" "), "--yes"]);
}

describe("in batch", () => {
  test("a value that somebody has changed is seen, refused and put back", async () => {
    await pipectlJson(["generate", "--count", "500", "--malformed", "0.05"]);
    await pipectlJson(["process"]);
    await expectExact();
    const before = await valuesOfBronze();
    const place = await goodRow();
    const value = await changeValue(bronze, place, "total_amount", 99999);
    expect(await deep()).toContain(
      `partition ${place[0]}: 1 row has another value than pipectl wrote (for example offset ${place[1]})`,
    );

    await rollBack(await refused("process"));
    await expectExact();
    expect(await valueAt(place)).toBe(value);
    expect(await valuesOfBronze()).toEqual(before);
  });

  test("so it is accepted when somebody says so, and nothing else with it", async () => {
    await pipectlJson(["generate", "--count", "300", "--malformed", "0.05"]);
    await pipectlJson(["process"]);
    const place = await goodRow();
    await changeValue(bronze, place, "total_amount", 99999);
    await pipectlJson(["process", "--accept-foreign"]);
    expect(await deep()).toContain("(1 of them not written by pipectl, accepted)");
    await expectExact();
    await changeValue(bronze, place[1] === 0 ? [place[0], 1] : [place[0], 0], "total_amount", 1);
    await refused("process");
  });

  test("so is a dead letter in the place of a good row", async () => {
    await pipectlJson(["generate", "--count", "300", "--malformed", "0.1"]);
    await pipectlJson(["process"]);
    const before = await valuesOfBronze();
    const place = await goodRow();
    await putDeadLetterInstead(place);
    expect(await deep()).toContain(
      `partition ${place[0]}: 1 row was not written by pipectl (for example offset ${place[1]})`,
    );
    await rollBack(await refused("process"));
    await expectExact();
    expect(await valuesOfBronze()).toEqual(before);
  });

  test("rows that are only gone are taken again, with the same hashes", async () => {
    await pipectlJson(["generate", "--count", "300", "--malformed", "0.1"]);
    await pipectlJson(["process"]);
    const before = await valuesOfBronze();
    const place = await goodRow();
    await putDeadLetterInstead(place);
    const dlq = await catalogClient().table(tableIds.dlq);
    await catalogClient().commit({
      id: tableIds.dlq,
      assertRefs: { main: dlq?.current?.id ?? null },
      setRefs: { main: dlq?.current?.parentId as string },
    });
    await pipectlJson(["process"]);
    await expectExact();
    expect(await valuesOfBronze()).toEqual(before);
    const { stdout } = await pipectl(["validate", "--deep", "--against-topic", "--json"]);
    expect(stdout).toMatch(/against the topic: 300 rows are as Kafka has the record"/);
  });
});

test("in streaming a changed value is seen, refused and put back, and the stream goes on", async () => {
  const mode = ["--mode", "streaming_bronze"];
  await pipectlJson(["generate", "--count", "300", "--malformed", "0.05"]);
  await pipectlJson(["process-streaming", "--wait-checkpoint", ...mode]);
  await pipectl(["validate", "--settle", "60s", ...mode]);
  await expectExact("streaming_bronze");
  await pipectlJson(["stop", ...mode]);
  const before = await valuesOfBronze();
  const place = await goodRow();
  await changeValue(bronze, place, "total_amount", 99999);
  expect(await deep("streaming_bronze")).toContain("1 row has another value than pipectl wrote");
  await rollBack(await refused("process-streaming", ...mode));
  await pipectlJson(["generate", "--count", "100", "--seed", "9"]);
  await pipectlJson(["process-streaming", "--wait-checkpoint", ...mode]);
  await pipectl(["validate", "--settle", "60s", ...mode]);
  await pipectlJson(["stop", ...mode]);
  await expectExact("streaming_bronze");
  const after = new Set(await valuesOfBronze());
  expect(before.filter((row) => !after.has(row))).toEqual([]);
});

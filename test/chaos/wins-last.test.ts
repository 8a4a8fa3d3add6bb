import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { ProcessResult } from "../../src/pipeline/batch/process.js";
import type { ValidateResult } from "../../src/pipeline/validate/result.js";
import { expectExactAccount } from "../helpers/account.js";
import { temporaryFolder } from "../helpers/folder.js";
import { readTable } from "../helpers/iceberg.js";
import { produce } from "../helpers/kafka.js";
import { emptyStack, pipectl, pipectlJson, projectCopy } from "../helpers/stack.js";

/** Orders that are corrected: of each the version that was sent last counts, whatever lands last. */
const manifest = `name: orders
topic: orders.raw
partitions: 3
retention: 3d
tables: {bronze: bronze.orders, dlq: bronze.orders_dlq, silver: silver.orders}
columns:
  - {name: id, type: BIGINT}
  - {name: day, type: DATE}
  - {name: amount, type: INT}
message_key: [id]
silver:
  natural_key: [id, day]
  wins: last
  id: order_key
  filters: ["amount >= 0"]
  partition_by: {column: order_day, type: DATE, expr: "COALESCE(\`day\`, DATE '1970-01-01')"}
`;
const env = { DATASET: "orders", SUBMIT_VIA: "gateway" };
const root = temporaryFolder("pipectl-wins-last-");
const json = async <T>(...args: string[]) => await pipectlJson<T>(args, { env, root });

interface Version {
  readonly id: number;
  readonly amount: number;
  /** Milliseconds since 1970, no two the same. */
  readonly sent: number;
}

const base = Date.now() - 3_600_000;
const dayOf = (id: number) => `2026-03-0${1 + (id % 5)}`;
const sent: Version[] = [];

async function send(versions: readonly Version[]): Promise<void> {
  await produce(
    "orders.raw",
    versions.map(({ id, amount, sent: timestamp }) => ({
      // Versions of one order lie in several partitions: offsets do not tell which is the last.
      ...{ key: Buffer.from(String(amount)), timestamp },
      value: Buffer.from(JSON.stringify({ id, day: dayOf(id), amount })),
    })),
  );
  sent.push(...versions);
}

/** What silver must be, from what was sent alone. */
function expected(): string[] {
  const last = new Map<number, Version>();
  for (const version of sent.filter(({ amount }) => amount >= 0))
    if ((last.get(version.id)?.sent ?? 0) < version.sent) last.set(version.id, version);
  return [...last.values()].map(({ id, amount }) => `${id} ${dayOf(id)} ${amount}`).sort();
}

async function expectSilver(): Promise<void> {
  const rows = await readTable("silver.orders", ["id", "order_day", "amount"]);
  expect(rows.map(([id, day, amount]) => `${id} ${String(day).slice(0, 10)} ${amount}`).sort()).toEqual(
    expected(),
  );
}

beforeAll(async () => {
  await emptyStack();
  await projectCopy(root);
  writeFileSync(join(root, "datasets", "orders.yml"), manifest);
  await json("create-topics");
});

test("the first run keeps of each order the version that was sent last", async () => {
  const ids = Array.from({ length: 60 }, (_, i) => i);
  await send(ids.map((id) => ({ id, amount: 1_000 + id, sent: base + 1_000 * id })));
  await send(
    ids.filter((id) => id % 3 === 0).map((id) => ({ id, amount: 2_000 + id, sent: base + 100_000 + id })),
  );
  await json("process");
  await expectSilver();
});

test("a later run takes corrections in, and no version that was sent before the one that counts", async () => {
  const corrected = [3, 4, 8, 13];
  await send(corrected.map((id) => ({ id, amount: 3_000 + id, sent: base + 200_000 + id })));
  // Late: an older version, that lands after the one that corrects it.
  const late = [6, 9, 14, 19];
  await send(late.map((id) => ({ id, amount: 4_000 + id, sent: base - 100_000 + id })));
  await send([{ id: 60, amount: 1_060, sent: base + 300_000 }]);
  // The filters hold it back: no correction.
  await send([{ id: 11, amount: -1, sent: base + 300_001 }]);
  await produce("orders.raw", [{ value: Buffer.from("no order") }]);
  await json("process");
  await expectSilver();

  const { status, counts, stages } = await json<ValidateResult>("validate", "--deep");
  expect(stages.filter((stage) => stage.status === "fail")).toEqual([]);
  const tables = { topic: "orders.raw", bronze: "bronze.orders", dlq: "bronze.orders_dlq" };
  expect([status, counts]).toMatchObject(["pass", { ...(await expectExactAccount({}, undefined, tables)) }]);
});

test("running it again changes nothing, nor does making it anew", async () => {
  expect((await json<ProcessResult>("process")).jobs).toEqual([]);
  await json("process-silver", "--from", "2026-03-01", "--to", "2026-03-05");
  await expectSilver();
});

test("no stream keeps it: a correction would have to delete a row", async () => {
  const streaming = { ...env, MODE: "streaming_bronze" };
  const { exitCode, stdout } = await pipectl(["process-streaming", "--silver", "--json"], {
    ...{ env: streaming, root },
  });
  expect([exitCode, JSON.parse(stdout).error.code]).toEqual([2, "silver_rule"]);
});

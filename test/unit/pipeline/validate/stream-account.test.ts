import { describe, expect, it } from "vitest";
import type { TableId } from "../../../../src/iceberg/catalog.js";
import type { StreamMark } from "../../../../src/lake/stream-mark.js";
import { accountOutcome } from "../../../../src/pipeline/validate/account-outcome.js";
import { accountCheck } from "../../../../src/pipeline/validate/account-stage.js";
import {
  accountOf,
  icebergTable,
  landedPartition,
  landing,
  snapshot,
  topicOf,
  withAccount,
} from "../../../helpers/tables.js";
import { carryOut } from "../../../helpers/validate-context.js";
import { configOf, workspaceOf } from "../../../helpers/workspace.js";

const rows = (count: number) => ({ "total-records": String(count) });

/** 10 rows from a batch run, and `streamed` more of a stream's, of a topic that ends at `end`. */
async function look(how: {
  readonly end: number;
  readonly streamed: number;
  readonly mode?: "batch" | "streaming_bronze";
  readonly mark?: Partial<StreamMark>;
  /** True where the offsets from the next one on hold no record. */
  readonly markers?: boolean;
  /** The first offset that Kafka still has. */
  readonly first?: number;
  /** True where bronze is again as it was before the stream. */
  readonly setBack?: boolean;
}) {
  const {
    end,
    streamed,
    mode = "streaming_bronze",
    mark = {},
    markers = false,
    first = 0,
    setBack = false,
  } = how;
  const stream = { run: "s", jobs: ["j1"], topology: "t", ...mark };
  const account = accountOf({ partitions: [landedPartition(0, 10)], dlqSnapshot: null, stream });
  const append = landing("2", "1", { 0: streamed });
  const tables: Record<string, ReturnType<typeof icebergTable>> = {
    raw_trips: icebergTable(
      [
        snapshot("1", null, { summary: rows(10) }),
        {
          ...append,
          timestampMs: Date.now() - 5_000,
          summary: { ...append.summary, ...rows(10 + streamed), "flink.job-id": "j1" },
        },
      ],
      { properties: withAccount(account), ...(setBack ? { refs: { main: "1" } } : {}) },
    ),
    raw_trips_dlq: icebergTable(),
  };
  const firstRecord = { offset: 10 + streamed, timestampMs: Date.now() - 2_000 };
  const workspace = workspaceOf({
    config: configOf({ MODE: mode, CHECKPOINT_INTERVAL: "10s" }),
    kafka: {
      topicOffsets: async () => topicOf([{ partition: 0, first, end }]),
      firstRecord: async () => (markers ? undefined : firstRecord),
      committedOffsets: async () => new Map(),
    },
    catalog: { table: async ({ table }: TableId) => tables[table] },
  });
  const { counts } = await accountOutcome(workspace);
  return { stage: await carryOut(accountCheck, workspace), counts };
}

describe("the account while a stream writes", () => {
  it("passes when all has landed, and counts what the stream has appended", async () => {
    const { stage, counts } = await look({ end: 17, streamed: 7 });
    expect(stage).toMatchObject({ status: "pass" });
    expect(counts).toMatchObject({ produced: 17, bronze: 17, notLanded: 0, unaccounted: 0 });
  });

  it("passes while records are on their way, and says how many", async () => {
    const { stage, counts } = await look({ end: 20, streamed: 7 });
    expect(stage).toMatchObject({ status: "pass", detail: expect.stringContaining("3 not yet landed") });
    expect(counts?.notLanded).toBe(3);
  });

  it("waits for no offset without a record", async () => {
    const { counts } = await look({ end: 18, streamed: 7, markers: true });
    expect(counts).toMatchObject({ bronze: 17, withoutRecord: 1, notLanded: 0, unaccounted: 0 });
  });

  it("takes nothing that Kafka has removed for an offset without a record", async () => {
    const { stage, counts } = await look({ end: 40, first: 40, streamed: 7 });
    expect(counts).toMatchObject({ withoutRecord: 0, lost: 23 });
    expect(stage).toMatchObject({ status: "fail", detail: expect.stringContaining("23 removed by Kafka") });
  });

  it("warns of what a stopped one has left, with the way on of the mode", async () => {
    const stopped = { at: "x", savepoint: null };
    const left = { end: 20, streamed: 7, mark: { stopped } };
    expect((await look(left)).stage).toMatchObject({ status: "warn", hint: "pipectl process-streaming" });
    const batch = (await look({ ...left, mode: "batch" })).stage;
    expect(batch).toMatchObject({ status: "warn", hint: "pipectl process" });
  });

  it("fails when there are more rows than offsets, and when another job has appended", async () => {
    expect((await look({ end: 16, streamed: 7 })).stage.status).toBe("fail");
    await expect(look({ end: 17, streamed: 7, mark: { jobs: ["other"] } })).rejects.toMatchObject({
      code: "account_untrusted",
    });
  });

  it("fails when a table was set back behind what the stream has appended", async () => {
    await expect(look({ end: 17, streamed: 7, setBack: true })).rejects.toMatchObject({
      code: "account_untrusted",
      message: expect.stringContaining("was rolled back behind rows that its stream has appended"),
    });
  });
});

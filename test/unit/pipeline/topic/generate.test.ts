import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { failed } from "../../../../src/core/errors.js";
import { count } from "../../../../src/core/format.js";
import type { KafkaClient } from "../../../../src/kafka/client.js";
import type { ProducerRecord } from "../../../../src/kafka/record-batch.js";
import { type GenerateOptions, generate } from "../../../../src/pipeline/topic/generate.js";
import { temporaryFolder } from "../../../helpers/folder.js";
import { problemOf } from "../../../helpers/problem.js";
import { workspaceOf } from "../../../helpers/workspace.js";

const folder = temporaryFolder();
const options: GenerateOptions = { files: [], seed: 1, malformed: 0, duplicates: 0 };

/** A Kafka that acknowledges every batch into partition 0; `before` may refuse the n-th. */
function broker(before: (batch: number) => void = () => {}) {
  const batches: (readonly ProducerRecord[])[] = [];
  let end = 100;
  let closed = 0;
  const kafka: Partial<KafkaClient> = {
    describeTopic: async () => ({ partitions: 1, settings: {} }),
    sender: async () => ({
      send: async (records) => {
        before(batches.length);
        batches.push(records);
        const first = end;
        end += records.length;
        return [{ partition: 0, first, count: records.length }];
      },
      close: async () => void closed++,
    }),
  };
  return { kafka, batches, closed: () => closed };
}

function jsonLines(lines: readonly object[]): string {
  const path = join(folder, `${Math.random()}.jsonl`);
  writeFileSync(path, `${lines.map((line) => JSON.stringify(line)).join("\n")}\n`);
  return path;
}
const trip = (id: number, more: object = {}) => ({
  VendorID: id,
  tpep_pickup_datetime: "2019-01-01 00:00:00",
  ...more,
});

describe("generate", () => {
  it("counts what was acknowledged: records, bytes, offsets, what was malformed and twice on purpose", async () => {
    const { kafka, batches, closed } = broker();
    const ledger = await generate(workspaceOf({ kafka }), {
      ...options,
      count: 6_000,
      malformed: 0.1,
      duplicates: 0.1,
    });
    const records = batches.flat();
    expect(ledger).toMatchObject({ topic: "taxi.raw_trips", sent: 6_000, unreadable: 0, interrupted: false });
    expect(records).toHaveLength(6_000);
    expect(ledger.bytes).toBe(
      records.reduce((sum, { key, value }) => sum + (key?.length ?? 0) + (value?.length ?? 0), 0),
    );
    expect(ledger.partitions).toEqual([{ partition: 0, first: 100, last: 6_099 }]);
    expect(ledger.malformed).toBeGreaterThan(450);
    expect(ledger.malformed).toBeLessThan(750);
    expect(ledger.duplicates).toBeGreaterThan(450);
    expect(closed()).toBe(1);
  });

  it("keeps every request below what Kafka takes, and sends each record once, in order", async () => {
    const { kafka, batches } = broker();
    const lines = Array.from({ length: 50 }, (_, i) => trip(i, { store_and_fwd_flag: "x".repeat(40_000) }));
    await generate(workspaceOf({ kafka }), { ...options, files: [jsonLines(lines)] });
    expect(batches.length).toBeGreaterThan(1);
    for (const batch of batches) {
      expect(
        batch.reduce((sum, { key, value }) => sum + (key?.length ?? 0) + (value?.length ?? 0), 0),
      ).toBeLessThan(1_000_000);
    }
    const ids = batches
      .flat()
      .map(({ value }) => (JSON.parse(value?.toString() ?? "") as { VendorID: number }).VendorID);
    expect(ids).toEqual(lines.map(({ VendorID }) => VendorID));
  });

  it("sends a record that is larger than a request on its own", async () => {
    const { kafka, batches } = broker();
    const lines = [trip(1), trip(2, { store_and_fwd_flag: "x".repeat(2_000_000) }), trip(3)];
    await generate(workspaceOf({ kafka }), { ...options, files: [jsonLines(lines)] });
    expect(batches.map((batch) => batch.length)).toEqual([1, 1, 1]);
  });

  it("sends at most so many records of a file", async () => {
    const { kafka, batches } = broker();
    const ledger = await generate(workspaceOf({ kafka }), {
      ...options,
      files: [jsonLines(Array.from({ length: 10 }, (_, i) => trip(i)))],
      count: 4,
    });
    expect([ledger.sent, batches.flat().length]).toEqual([4, 4]);
  });

  it("says how many had been sent when Kafka refuses one, and closes what it opened", async () => {
    const { kafka, batches, closed } = broker((batch) => {
      if (batch === 1) throw failed("kafka_failed", "the broker is full", { hint: "pipectl logs kafka" });
    });
    const error = await problemOf(() => generate(workspaceOf({ kafka }), { ...options, count: 6_000 }));
    expect(error).toMatchObject({ code: "kafka_failed", exitCode: 1, hint: "pipectl logs kafka" });
    const sent = count(batches[0]?.length ?? 0);
    expect(error.message).toBe(`the broker is full\n${sent} records had been sent and acknowledged before`);
    expect(closed()).toBe(1);
  });

  it("ends at Ctrl-C with a ledger of what was sent", async () => {
    const stop = new AbortController();
    const { kafka, batches } = broker((batch) => {
      if (batch === 2) stop.abort(new Error("interrupted"));
    });
    const ledger = await generate(workspaceOf({ kafka, signal: stop.signal }), options);
    expect(ledger.interrupted).toBe(true);
    expect(ledger.sent).toBe(batches.flat().length);
    expect(ledger.sent).toBeGreaterThan(0);
  });

  it("is not faster than its rate", async () => {
    const { kafka } = broker();
    const ledger = await generate(workspaceOf({ kafka }), { ...options, count: 100, rate: 500 });
    expect(ledger.sent).toBe(100);
    expect(ledger.seconds).toBeGreaterThanOrEqual(0.19);
  });

  it("needs the topic", async () => {
    const error = await problemOf(() =>
      generate(workspaceOf({ kafka: { describeTopic: async () => undefined } }), options),
    );
    expect(error).toMatchObject({ code: "topic_missing", hint: "pipectl create-topics" });
  });
});

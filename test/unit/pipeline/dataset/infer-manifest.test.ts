import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import type { KafkaClient } from "../../../../src/kafka/client.js";
import { type InferOptions, inferDataset } from "../../../../src/pipeline/dataset/infer-manifest.js";
import { temporaryFolder } from "../../../helpers/folder.js";
import { problemOf } from "../../../helpers/problem.js";

function project() {
  const root = temporaryFolder();
  mkdirSync(join(root, "datasets"), { recursive: true });
  const csv = join(root, "my orders.csv");
  writeFileSync(csv, "order.id,created_at,v\n1,2024-01-01 10:00:00,1.5\n2,2024-01-01 10:00:01,\n");
  const infer = (options: Partial<InferOptions>) =>
    inferDataset({
      root,
      name: "orders",
      inputs: [csv],
      kafka: () => Promise.reject(new Error("no Kafka is needed")),
      day: "2026-11-26",
      report: () => {},
      signal: new AbortController().signal,
      ...options,
    });
  return { root, csv, infer, files: () => readdirSync(join(root, "datasets")) };
}

/** A topic with these values, in one partition. */
function topicOf(values: readonly (string | null)[], partitions = 5) {
  const asked: number[] = [];
  const kafka = {
    describeTopic: async (topic: string) =>
      topic === "shop.orders" ? { partitions, settings: {} } : undefined,
    sample: async (_: string, count: number, __: AbortSignal, onValue: (value: Buffer | null) => void) => {
      asked.push(count);
      for (const value of values.slice(0, count)) onValue(value === null ? null : Buffer.from(value));
      return { isSample: values.length > count };
    },
  };
  return { kafka: async () => kafka as unknown as KafkaClient, asked };
}

describe("inferDataset", () => {
  it("writes a manifest and tells what is in it", async () => {
    const { root, infer, files } = project();
    const result = await infer({});
    expect(files()).toEqual(["orders.yml"]);
    expect(readFileSync(result.path, "utf8")).toContain(
      'description: "inferred from my orders.csv on 2026-11-26"',
    );
    expect(result).toEqual({
      dataset: "orders",
      path: join(root, "datasets", "orders.yml"),
      rows: 2,
      columns: [
        {
          name: "order_id",
          source: "order.id",
          type: "INT",
          silver: "order_id",
          reason: "whole numbers of up to 1 digit; never NULL",
        },
        {
          name: "created_at",
          source: "created_at",
          type: "TIMESTAMP(6)",
          silver: "created_at",
          reason: "times without a zone; never NULL",
        },
        {
          name: "v",
          source: "v",
          type: "DOUBLE",
          silver: "v",
          reason:
            "numbers with up to 1 digit behind the point, all of them exact in a DOUBLE; NULL in 1 of 2",
        },
      ],
      naturalKey: ["order_id", "created_at"],
      eventTime: "created_at",
      notes: [],
    });
  });

  it("never writes over a file, also one that came while it read", async () => {
    const { root, infer, files } = project();
    const path = join(root, "datasets", "orders.yml");
    writeFileSync(path, "mine");
    expect(await problemOf(() => infer({}))).toMatchObject({ code: "manifest_exists", kind: "usage" });
    const late = join(root, "datasets", "late.yml");
    const stdin = Readable.from(
      (function* () {
        yield Buffer.from("a,b\n1,2\n");
        writeFileSync(late, "mine");
      })(),
    );
    const problem = await problemOf(() => infer({ name: "late", inputs: ["-"], stdin }));
    expect(problem.code).toBe("manifest_exists");
    expect([path, late].map((file) => readFileSync(file, "utf8"))).toEqual(["mine", "mine"]);
    expect(files()).toEqual(["late.yml", "orders.yml"]);
  });

  it("leaves nothing behind when it is interrupted or the input is bad", async () => {
    const { infer, files } = project();
    const stop = new AbortController();
    const stdin = Readable.from(
      (function* () {
        yield Buffer.from("a,b\n1,2\n");
        stop.abort(new Error("stopped"));
        yield Buffer.from("3,4\n");
      })(),
    );
    await expect(infer({ inputs: ["-"], stdin, signal: stop.signal })).rejects.toThrow("stopped");
    await expect(infer({ inputs: ["/nowhere.csv"] })).rejects.toMatchObject({ code: "input_missing" });
    expect(files()).toEqual([]);
  });

  it.each(["", "../x", "X", "1a", "a-b", "a".repeat(64), "a/b", "a\n"])(
    "refuses the name %j",
    async (name) => {
      const { infer, files } = project();
      expect(await problemOf(() => infer({ name }))).toMatchObject({ code: "name_invalid", kind: "usage" });
      expect(files()).toEqual([]);
    },
  );

  it("refuses inputs of which nothing can be a column", async () => {
    const { infer } = project();
    const stdin = Readable.from([Buffer.from('{"a":1}\n{"a":{}}\n')]);
    expect(await problemOf(() => infer({ inputs: ["-"], stdin }))).toMatchObject({ code: "no_columns" });
  });
});

describe("inferDataset from a topic", () => {
  it("takes the topic as it is, and 1,000 records unless told", async () => {
    const { infer } = project();
    const { kafka, asked } = topicOf(['{"id":1}', "x", null, '{"id":2}']);
    const result = await infer({ inputs: ["topic:shop.orders"], kafka });
    expect(readFileSync(result.path, "utf8")).toContain("\ntopic: shop.orders\npartitions: 5\n");
    expect(result.rows).toBe(2);
    expect(result.notes).toEqual([
      "2 records cannot be read and will be dead letters; nothing was learned of them",
    ]);
    await infer({ name: "few", inputs: ["topic:shop.orders"], kafka, sample: 1 }).then(({ notes }) =>
      expect(notes[0]).toBe("only 1 record was read: what comes behind it may not fit"),
    );
    expect(asked).toEqual([1000, 1]);
  });

  it.each([
    ["that is not there", "topic:other", [], "topic_missing"],
    ["without records", "topic:shop.orders", [], "input_empty"],
    ["without an object", "topic:shop.orders", ["1", null], "input_empty"],
  ])("refuses a topic %s", async (_, input, values, code) => {
    const { infer } = project();
    const { kafka } = topicOf(values);
    expect(await problemOf(() => infer({ inputs: [input], kafka }))).toMatchObject({ code });
  });

  it("takes no file beside a topic", async () => {
    const { infer, csv } = project();
    expect(await problemOf(() => infer({ inputs: ["topic:a", csv] }))).toMatchObject({ kind: "usage" });
  });
});

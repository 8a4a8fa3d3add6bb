import { describe, expect, it } from "vitest";
import { readMetadata } from "../../../src/kafka/metadata.js";

// What a real broker answers is tested in test/chaos/topic.test.ts; these are the answers that it does not give.

const text = (value: string) => Buffer.concat([Buffer.from([value.length + 1]), Buffer.from(value)]);
const int32 = (value: number) => {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
};
const none = Buffer.from([0]);
/** A list of Kafka's compact encoding. */
const list = (...items: Buffer[]) => Buffer.concat([Buffer.from([items.length + 1]), ...items]);

/** A Metadata response up to the last topic; `tags` stand where newer brokers may add fields. */
function response(topics: Buffer, brokers = 1, tags = none): Buffer {
  const broker = Buffer.concat([int32(1), text("broker.example"), int32(9092), none, tags]);
  const all = list(...Array.from({ length: brokers }, () => broker));
  return Buffer.concat([tags, int32(0), all, text("cluster"), int32(1), topics]);
}
const id = Buffer.from("be29d5c8f9824a2a973eb40623256871", "hex");
const partition = (number: number, leader: number, tags = none) =>
  Buffer.concat([
    ...[Buffer.from([0, leader < 0 ? 5 : 0]), int32(number), int32(leader), int32(7)],
    ...[list(int32(1), int32(2)), list(int32(2)), list(), tags],
  ]);
const topic = (error: number, bytes: Buffer, ...partitions: Buffer[]) =>
  Buffer.concat([Buffer.from([0, error]), text("t"), bytes, none, list(...partitions), int32(0), none]);

const two = [partition(1, -1), partition(0, 2)];
const known = {
  id: id.toString("hex"),
  partitions: [
    { partition: 0, leader: 2 },
    { partition: 1, leader: -1 },
  ],
};

describe("a Metadata response", () => {
  it.each([
    ["behind one broker", response(list(topic(0, id, ...two))), 1],
    ["behind many brokers", response(list(topic(0, id, ...two)), 60), 60],
    ["behind tagged fields", response(list(topic(0, id, ...two)), 3, Buffer.from([1, 5, 2, 0xaa, 0xbb])), 3],
  ])("has its topic %s", (_name, payload, brokers) => {
    expect(readMetadata(payload)).toEqual({ clusterId: "cluster", brokers, topic: known });
  });

  it("of a broker that knows no ids has none", () => {
    const payload = response(list(topic(0, Buffer.alloc(0), ...two)));
    expect(readMetadata(payload, false).topic).toEqual({ ...known, id: null });
  });

  it.each([
    ["nobody asked for one", response(Buffer.from([1]))],
    ["the list of topics is null", response(none)],
    ["there is none of that name", response(list(topic(3, Buffer.alloc(16))))],
  ])("has no topic when %s", (_name, payload) => {
    expect(readMetadata(payload).topic).toBeUndefined();
  });

  it("has an id of zeros for a topic without one", () => {
    expect(readMetadata(response(list(topic(0, Buffer.alloc(16))))).topic?.id).toBe(null);
  });

  it("passes on what the broker refuses, in Kafka's words", () => {
    expect(() => readMetadata(response(list(topic(29, Buffer.alloc(16)))))).toThrow(/Not authorized/);
  });
});

import { describe, expect, it } from "vitest";
import { idIn } from "../../../src/kafka/wire.js";

// What a real broker answers is tested in test/e2e/topic.test.ts; these are the answers that it does not give.

const text = (value: string) => Buffer.concat([Buffer.from([value.length + 1]), Buffer.from(value)]);
const int32 = (value: number) => {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
};
const none = Buffer.from([0]);

/** A Metadata response, version 10, up to the first topic's id; `tags` stand where newer brokers may add fields. */
function response(topics: Buffer, brokers = 1, tags = none): Buffer {
  const broker = Buffer.concat([int32(1), text("broker.example"), int32(9092), none, tags]);
  const list = Buffer.concat([Buffer.from([brokers + 1]), ...Array.from({ length: brokers }, () => broker)]);
  return Buffer.concat([tags, int32(0), list, text("cluster"), int32(1), topics]);
}
const id = Buffer.from("be29d5c8f9824a2a973eb40623256871", "hex");
const topic = (bytes: Buffer) => Buffer.concat([Buffer.from([2, 0, 0]), text("t"), bytes, none]);

describe("the id in a Metadata response", () => {
  it.each([
    ["behind one broker", response(topic(id))],
    ["behind many brokers", response(topic(id), 60)],
    ["behind tagged fields", response(topic(id), 3, Buffer.from([1, 5, 2, 0xaa, 0xbb]))],
  ])("is found %s", (_name, payload) => {
    expect(idIn(payload)).toBe(id.toString("hex"));
  });

  it.each([
    ["there is no topic", response(Buffer.from([1]))],
    ["the list of topics is null", response(Buffer.from([0]))],
    ["the id is all zeros", response(topic(Buffer.alloc(16)))],
    ["the answer ends before it", response(topic(id.subarray(0, 7)))],
  ])("is null when %s", (_name, payload) => {
    expect(idIn(payload)).toBe(null);
  });
});

import { describe, expect, it } from "vitest";
import { transactionsIn } from "../../../src/kafka/transactions.js";

const int = (bytes: number, value: number) => {
  const buffer = Buffer.alloc(bytes);
  if (bytes === 8) buffer.writeBigInt64BE(BigInt(value));
  else buffer.writeIntBE(value, 0, bytes);
  return buffer;
};
const none = Buffer.from([0]);
const list = (...items: Buffer[]) => Buffer.concat([Buffer.from([items.length + 1]), ...items]);
/** Fields that a later version may add. */
const more = Buffer.from([1, 9, 2, 1, 1]);
const producer = (coordinatorEpoch: number, began: number, tags = none) =>
  Buffer.concat([int(8, 77), int(4, 0), int(4, 5), int(8, 1), int(4, coordinatorEpoch), int(8, began), tags]);
const answer = (...producers: Buffer[]) => {
  const partition = Buffer.concat([int(4, 0), int(2, 0), none, list(...producers), more]);
  return Buffer.concat([
    more,
    int(4, 0),
    list(Buffer.concat([Buffer.from([2]), Buffer.from("t"), list(partition), none])),
    none,
  ]);
};

describe("a DescribeProducers response", () => {
  it.each([
    ["no producer", false, answer()],
    ["one that is idempotent", false, answer(producer(-1, -1, more))],
    ["one whose coordinator has ended a transaction", true, answer(producer(-1, -1, more), producer(0, -1))],
    ["one in a transaction", true, answer(producer(-1, 12))],
  ])("has %s: transactions %s", (_what, expected, payload) => {
    expect(transactionsIn(payload)).toBe(expected);
  });
});

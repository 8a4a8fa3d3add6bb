import { describe, expect, it } from "vitest";
import { roomsOf } from "../../../src/ledger/rooms.js";
import { accountOf, landedPartition, topicOf } from "../../helpers/tables.js";

const topic = topicOf([
  { partition: 0, first: 3, end: 12 },
  { partition: 1, first: 0, end: 4 },
]);
const room = (incarnation: number, partition: number, first: number, end: number) => ({
  ...{ incarnation, partition, first, end },
});

describe("where rows may come from", () => {
  it("is what the account covers, and what the topic has", () => {
    const account = accountOf({ partitions: [landedPartition(0, 10, { first: 2 })] });
    expect(roomsOf(account, topic)).toEqual([room(0, 0, 2, 12), room(0, 1, 0, 4)]);
  });

  it("is what the account covers, where the topic has lost its end or is another one", () => {
    const account = accountOf({ partitions: [landedPartition(0, 40)] });
    expect(roomsOf(account, topic)[0]).toEqual(room(0, 0, 0, 40));
    expect(roomsOf(account, undefined)).toEqual([room(0, 0, 0, 40)]);
  });

  it("of an earlier incarnation has nothing to do with the topic of now", () => {
    const partitions = [landedPartition(0, 10), landedPartition(0, 5, { incarnation: 1 })];
    expect(roomsOf(accountOf({ incarnation: 1, partitions }), topic)).toEqual([
      room(0, 0, 0, 10),
      room(1, 0, 0, 12),
      room(1, 1, 0, 4),
    ]);
  });

  it("is what the topic has, where the numbers of a line do not add up", () => {
    const wrong = { ...landedPartition(0, 10, { first: 2 }), next: 4_000 };
    expect(roomsOf(accountOf({ partitions: [wrong] }), topic)[0]).toEqual(room(0, 0, 0, 12));
  });
});

import kafkaCrc from "kafkajs/src/protocol/recordBatch/crc32C/index.js";
import { describe, expect, it, test } from "vitest";
import { Random } from "../../../src/dataset/synthetic/random.js";
import { crc32c } from "../../../src/kafka/crc32c.js";
import { bytesOf, seed } from "../../helpers/draw.js";

const random = new Random(seed);

describe("CRC-32C of the examples in RFC 3720, B.4", () => {
  it.each([
    ["32 zeros", new Uint8Array(32), 0x8a9136aa],
    ["32 bytes of ones", new Uint8Array(32).fill(255), 0x62a8ab43],
    ["32 bytes that grow", Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    ["32 bytes that shrink", Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
    ["nothing", new Uint8Array(0), 0],
  ])("%s", (_name, bytes, crc) => {
    expect(crc32c(bytes)).toBe(crc);
  });
});

test(`is what kafkajs computes, wherever the bytes begin and however many there are (CHAOS_SEED=${seed})`, () => {
  const bytes = bytesOf(random, 200);
  for (let start = 0; start < 9; start++) {
    for (let end = start; end <= bytes.length; end++) {
      const part = bytes.subarray(start, end);
      expect(crc32c(part), `${start} to ${end}`).toBe(kafkaCrc(part));
    }
  }
});

import Decoder from "kafkajs/src/protocol/decoder.js";
import decodeBatch from "kafkajs/src/protocol/recordBatch/v0/decoder.js";
import { describe, expect, it } from "vitest";
import { Random } from "../../../src/dataset/synthetic/random.js";
import { crc32c } from "../../../src/kafka/crc32c.js";
import { type ProducerRecord, recordBatch } from "../../../src/kafka/record-batch.js";
import { bytesOf, seed } from "../../helpers/draw.js";

const random = new Random(seed);

// Read back by kafkajs' own reader. That a broker takes it, checksum and all, is shown by every test with a real one.
const origin = { producerId: 12345678901n, producerEpoch: 7, sequence: 2_147_483_640 };
const read = async (batch: Buffer) => await decodeBatch(new Decoder(batch));

describe(`a record batch (CHAOS_SEED=${seed})`, () => {
  it("holds keys and values as they are: empty, none, and of every length at which a varint grows", async () => {
    const lengths = [0, 1, 63, 64, 127, 128, 8191, 8192, 70_000];
    const records: ProducerRecord[] = [
      { key: null, value: null },
      { key: Buffer.alloc(0), value: null },
      { key: null, value: Buffer.alloc(0) },
      ...lengths.map((length) => ({ key: bytesOf(random, length), value: bytesOf(random, length + 1) })),
    ];
    const { records: back } = await read(recordBatch(records, origin, 1_700_000_000_123));
    expect(back.map(({ key, value }) => ({ key, value }))).toEqual(records);
  });

  it("numbers its records, many of them, and carries who sent it, where it stands and when", async () => {
    const records = Array.from({ length: 20_000 }, (_, i) => ({ key: null, value: Buffer.from(String(i)) }));
    const batch = recordBatch(records, origin, 1_700_000_000_123);
    const { producerId, producerEpoch, firstSequence, records: back } = await read(batch);
    expect({ producerId, producerEpoch, firstSequence }).toEqual({
      producerId: String(origin.producerId),
      producerEpoch: origin.producerEpoch,
      firstSequence: origin.sequence,
    });
    expect(
      back.every(({ offset, timestamp }, i) => offset === String(i) && timestamp === "1700000000123"),
    ).toBe(true);
    expect(back).toHaveLength(records.length);
  });

  it("says how long it is and what its checksum is", () => {
    const batch = recordBatch([{ key: null, value: Buffer.from("x") }], origin, 0);
    expect(batch.readInt32BE(8)).toBe(batch.length - 12);
    expect(batch.readUInt32BE(17)).toBe(crc32c(batch.subarray(21)));
  });
});

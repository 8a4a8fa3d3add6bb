import kafkajs from "kafkajs";
import { expect, test } from "vitest";
import { Random } from "../../../src/dataset/synthetic/random.js";
import { murmur2 } from "../../../src/kafka/murmur2.js";
import { bytesOf, seed } from "../../helpers/draw.js";

const random = new Random(seed);

test(`a key goes to the partition that kafkajs chooses by Kafka's rule, whatever its length (CHAOS_SEED=${seed})`, () => {
  const partitions = 1009;
  const partitionOf = kafkajs.Partitioners.DefaultPartitioner();
  const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({
    partitionId,
    leader: 1,
  }));
  for (let length = 0; length < 200; length++) {
    const key = bytesOf(random, length);
    const args = { topic: "t", partitionMetadata, message: { key, value: null } };
    expect(murmur2(key) % partitions, key.toString("hex")).toBe(
      partitionOf(args as unknown as Parameters<typeof partitionOf>[0]),
    );
  }
});

import type Decoder from "kafkajs/src/protocol/decoder.js";

/**
 * Parts of Kafka's flexible message versions (KIP-482) that kafkajs reads wrongly or not at all: its readTaggedFields reads one byte too
 * few of each field.
 */
export function flexible(answer: Decoder) {
  return {
    skipTags: (): void => {
      for (let tags = answer.readUVarInt(); tags > 0; tags--) {
        answer.readUVarInt();
        answer.readBytes(answer.readUVarInt());
      }
    },
    /** A compact list: its length is encoded plus one. A null list has length 0 and counts as empty. */
    list: <T>(read: () => T): T[] => Array.from({ length: Math.max(0, answer.readUVarInt() - 1) }, read),
  };
}

/** For `exchange`: the response as it came, to be decoded here. */
export const undecoded = {
  decode: async (answer: Buffer) => answer,
  parse: async (answer: Buffer) => answer,
};

/** The parts of kafkajs 2.2.4 that tests compare with. */
declare module "kafkajs/src/protocol/recordBatch/crc32C/index.js" {
  export default function crc32c(bytes: Uint8Array): number;
}
declare module "kafkajs/src/protocol/recordBatch/v0/decoder.js" {
  export default function decode(decoder: object): Promise<{
    readonly producerId: string;
    readonly producerEpoch: number;
    readonly firstSequence: number;
    readonly records: readonly {
      readonly offset: string;
      readonly timestamp: string;
      readonly key: Buffer | null;
      readonly value: Buffer | null;
    }[];
  }>;
}
declare module "kafkajs/src/broker/index.js" {
  export default class Broker {
    constructor(options: object);
  }
}

/** Parts of kafkajs 2.2.4 that are used here and missing in its types. */
declare module "kafkajs/src/protocol/decoder.js" {
  export default class Decoder {
    constructor(buffer: Buffer);
    readBoolean(): boolean;
    readInt16(): number;
    readInt32(): number;
    readUVarInt(): number;
    readUVarIntString(): string | null;
    readBytes(length: number): Buffer;
  }
}
declare module "kafkajs/src/protocol/error.js" {
  /** kafkajs' error for one of Kafka's error codes. */
  export function createErrorFromCode(code: number): Error;
}
declare module "kafkajs/src/protocol/encoder.js" {
  export default class Encoder {
    /** @param initialSize bytes; it grows */
    constructor(initialSize?: number);
    writeInt16(value: number): this;
    writeInt32(value: number): this;
    writeString(value: string | null): this;
    writeUVarInt(value: number): this;
    writeBuffer(value: Buffer): this;
    writeUVarIntString(value: string): this;
    writeBoolean(value: boolean): this;
  }
}
declare module "kafkajs/src/protocol/requests/produce/index.js" {
  const versions: object;
  export default versions;
}
declare module "kafkajs/src/protocol/requests/fetch/index.js" {
  const versions: object;
  export default versions;
}

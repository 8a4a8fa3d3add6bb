import Decoder from "kafkajs/src/protocol/decoder.js";
import { createErrorFromCode } from "kafkajs/src/protocol/error.js";
import Fetch from "kafkajs/src/protocol/requests/fetch/index.js";
import { unavailable } from "../core/errors.js";
import { type Broker, exchange, readCommitted } from "./cluster.js";

/**
 * Kafka's Fetch request. The response is decoded here: kafkajs decompresses all of it at once and without a limit, before anybody can say
 * which batch is too large.
 */

/** Where a producer's transaction began that was aborted. */
export interface Aborted {
  readonly producerId: bigint;
  readonly firstOffset: number;
}

export interface Fetched {
  /** The end of the partition, with records of open transactions. */
  readonly highWatermark: number;
  /** Where the first open transaction begins; the same as `highWatermark` when none is open. */
  readonly lastStable: number;
  readonly aborted: readonly Aborted[];
  /** Batches; the first one may begin before the offset that was asked for. */
  readonly records: Buffer;
}

const fetchKey = 1;
/** The first version that is decoded here (Kafka 2.3), and the last one that kafkajs encodes. */
const version = 11;

/** @param bytes the most that the answer has; it always has at least one batch */
export async function fetchRecords(
  broker: Broker,
  topic: string,
  {
    partition,
    offset,
    bytes,
  }: { readonly partition: number; readonly offset: number; readonly bytes: number },
  isolationLevel = readCommitted,
): Promise<Fetched> {
  const { request } = broker.lookupRequest(
    fetchKey,
    Fetch,
  )({
    replicaId: -1,
    isolationLevel,
    // Everything up to the end has been written: there is nothing to wait for.
    maxWaitTime: 0,
    minBytes: 0,
    maxBytes: bytes,
    topics: [{ topic, partitions: [{ partition, fetchOffset: String(offset), maxBytes: bytes }] }],
  });
  if ((request as { apiVersion: number }).apiVersion !== version)
    throw unavailable("kafka_version", "the Kafka broker is older than 2.4", { hint: "use a newer one" });
  const response = {
    // kafkajs waits as long as a broker's quota demands, if it finds the time here.
    decode: async (answer: Buffer) => ({ answer, clientSideThrottleTime: answer.readInt32BE(0) }),
    parse: async ({ answer }: { answer: Buffer }) => answer,
  };
  return readFetched(await exchange<Buffer>(broker, { request, response }));
}

/** Reads FetchResponse.json, version 11, of a request for one partition. */
export function readFetched(payload: Buffer): Fetched {
  const answer = new Decoder(payload);
  const int64 = () => answer.readBytes(8).readBigInt64BE();
  const requireNoError = () => {
    const code = answer.readInt16();
    if (code !== 0) throw createErrorFromCode(code);
  };
  answer.readInt32(); // throttle time
  requireNoError();
  answer.readInt32(); // session id
  answer.readInt32(); // topics: one
  answer.readBytes(answer.readInt16()); // its name
  answer.readInt32(); // partitions: one
  answer.readInt32(); // its number
  requireNoError();
  const [highWatermark, lastStable] = [Number(int64()), Number(int64())];
  int64(); // first offset
  // A null list has length -1 and counts as empty.
  const aborted = Array.from({ length: Math.max(0, answer.readInt32()) }, () => ({
    producerId: int64(),
    firstOffset: Number(int64()),
  }));
  answer.readInt32(); // preferred replica
  return { highWatermark, lastStable, aborted, records: answer.readBytes(Math.max(0, answer.readInt32())) };
}

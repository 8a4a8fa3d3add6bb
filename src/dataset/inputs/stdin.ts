import type { Readable } from "node:stream";
import { usage } from "../../core/errors.js";
import type { StreamFormat } from "../formats/input-format.js";
import type { Dataset } from "../types.js";
import { peek, unpacked } from "./bytes.js";
import { contentOf } from "./content.js";
import { damaged, noRecords, type Records, type Source, wrongFormat } from "./source.js";

/** The longest signature needs no more. A slow producer must not be waited for. */
const headBytes = 8;

/**
 * Checks the beginning of stdin. It can be read only once, so later errors are noticed when records are already being sent.
 *
 * @throws usage errors `input_empty`, `input_format`, `input_corrupt`, `input_columns`
 */
export async function checkStdin(dataset: Dataset, stdin: Readable): Promise<Source> {
  const where = "stdin";
  const tally = { unreadable: 0 };
  let onBytes: (bytes: number) => void = () => {};
  let early = 0;
  const counted = async function* () {
    for await (const chunk of stdin) {
      const bytes = Buffer.from(chunk as Buffer);
      early += bytes.length;
      onBytes(bytes.length);
      yield bytes;
    }
  };
  const { format, all } = await identifyStream(where, counted());
  const records = format.records(dataset, where, all, tally);
  const first = await records.next();
  if (first.done) throw noRecords(where);
  await format.checkFirst?.(dataset, { where, isFile: false }, first.value);
  return {
    where,
    bytes: undefined,
    async *records(outer, listener): Records {
      listener(early);
      onBytes = listener;
      for (
        let next: IteratorResult<(typeof first)["value"]> = first;
        !next.done;
        next = await records.next()
      ) {
        outer.unreadable += tally.unreadable;
        tally.unreadable = 0;
        yield next.value;
      }
    },
  };
}

/**
 * Identifies a stream, and decompresses it.
 *
 * @param where names the stream in errors
 * @throws usage errors `input_empty`, `input_format`, `input_corrupt`
 */
export async function identifyStream(
  where: string,
  stream: AsyncIterable<Buffer>,
): Promise<{ format: StreamFormat; all: AsyncIterable<Buffer> }> {
  let { head, all } = await peek(stream, headBytes);
  let content = contentOf(head);
  if (content.kind === "packed") {
    const { packing } = content;
    try {
      ({ head, all } = await peek(unpacked(all, packing), headBytes));
    } catch (error) {
      throw damaged(where, packing, error);
    }
    if (head.length === 0) throw noRecords(where);
    content = contentOf(head);
  }
  if (content.kind === "empty")
    throw usage("input_empty", `${where} is empty`, { hint: "Nothing was sent." });
  if (content.kind === "other") throw wrongFormat(where, content.is, content.advice);
  if (content.kind === "packed")
    throw wrongFormat(where, `${content.packing} within a packed stream`, "Unpack it once.");
  const { format } = content;
  if (format.reads === "stream") return { format, all };
  const is = `${format.called}, which cannot be read from a pipe`;
  throw wrongFormat(where, is, `${format.why}: give the path of a file.`);
}

import type { Readable } from "node:stream";
import { usage } from "../../core/errors.js";
import type { Dataset } from "../types.js";
import { peek, unpacked } from "./bytes.js";
import { contentOf, formatName, type TextKind } from "./format.js";
import { checkFirstObjects, damaged, noRecords, type Records, type Source, textRecords } from "./source.js";

/** As few as the longest signature needs: a producer that is slow must not be waited for. */
const headBytes = 8;

/**
 * Checks what stdin begins with. It can be read only once, so what is wrong further on shows while records are
 * already being sent.
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
  const { kind, all } = await identifyStream(where, counted());
  const records = textRecords(dataset, where, { kind, packing: undefined }, all, tally);
  const first = await records.next();
  if (first.done) throw noRecords(where);
  if (kind !== "csv") checkFirstObjects(dataset, where, first.value);
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
 * Finds out what a stream is, and unpacks it.
 *
 * @param where names it in errors
 * @throws usage errors `input_empty`, `input_format`, `input_corrupt`
 */
export async function identifyStream(
  where: string,
  stream: AsyncIterable<Buffer>,
): Promise<{ kind: TextKind; all: AsyncIterable<Buffer> }> {
  let { head, all } = await peek(stream, headBytes);
  const { kind: packing } = contentOf(head);
  if (packing === "gzip" || packing === "zstd") {
    try {
      ({ head, all } = await peek(unpacked(all, packing), headBytes));
    } catch (error) {
      throw damaged(where, packing, error);
    }
    if (head.length === 0) throw noRecords(where);
  }
  const content = contentOf(head);
  switch (content.kind) {
    case "empty":
      throw usage("input_empty", `${where} is empty`, { hint: "Nothing was sent." });
    case "other":
      throw usage("input_format", `${where} is ${content.is}`, {
        hint: `${content.advice} Nothing was sent.`,
      });
    case "parquet":
    case "gzip":
    case "zstd":
      throw usage(
        "input_format",
        `${where} is ${formatName[content.kind]}, which cannot be read from a pipe`,
        { hint: "Parquet has to be read from its end: give the path of a file. Nothing was sent." },
      );
    default:
      return { kind: content.kind, all };
  }
}

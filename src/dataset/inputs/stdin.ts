import type { Readable } from "node:stream";
import { usage } from "../../core/errors.js";
import type { Dataset } from "../types.js";
import { gunzipped, peek } from "./bytes.js";
import { contentOf, formatName } from "./format.js";
import {
  checkFirstObjects,
  damagedGzip,
  noRecords,
  type Records,
  type Source,
  textRecords,
} from "./source.js";

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
  let { head, all } = await peek(counted(), headBytes);
  if (contentOf(head).kind === "gzip") {
    try {
      ({ head, all } = await peek(gunzipped(all), headBytes));
    } catch (error) {
      throw damagedGzip(where, error);
    }
    if (head.length === 0) throw noRecords(where);
  }
  const content = contentOf(head);
  if (content.kind === "empty") throw usage("input_empty", "stdin is empty", { hint: "Nothing was sent." });
  if (content.kind === "other") {
    throw usage("input_format", `stdin is ${content.is}`, { hint: `${content.advice} Nothing was sent.` });
  }
  if (content.kind === "parquet" || content.kind === "gzip") {
    throw usage("input_format", `stdin is ${formatName[content.kind]}, which cannot be read from a pipe`, {
      hint: "Parquet has to be read from its end: give the path of a file. Nothing was sent.",
    });
  }
  const records = textRecords(dataset, where, { kind: content.kind, gzip: false }, all, tally);
  const first = await records.next();
  if (first.done) throw noRecords(where);
  if (content.kind === "jsonl") checkFirstObjects(dataset, where, first.value);
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

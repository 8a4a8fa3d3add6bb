import { csvFormat } from "./csv-format.js";
import type { StreamFormat } from "./input-format.js";
import { layoutOf } from "./json-layout.js";

/** The common part of both layouts. */
function json(name: "jsonl" | "json") {
  return {
    name,
    family: "JSON",
    reads: "stream",
    async *records(dataset, where, bytes, tally) {
      const [{ jsonRecords }, { splitterOf }] = await Promise.all([
        import("../inputs/jsonl.js"),
        import("../inputs/json-splitter.js"),
      ]);
      yield* jsonRecords(dataset, splitterOf(name, where), bytes, tally);
    },
    async checkFirst(dataset, { where, isFile }, first) {
      const { checkFirstObjects, checkNoHeader } = await import("../inputs/json-check.js");
      if (isFile) checkNoHeader(dataset, where, first);
      checkFirstObjects(dataset, where, first);
    },
    collector: async (where) => new (await import("../infer/json-collect.js")).JsonCollect(where),
  } as const satisfies Partial<StreamFormat>;
}

/** One object per line. */
export const jsonLinesFormat: StreamFormat = {
  ...json("jsonl"),
  called: "JSON lines",
  endings: ["jsonl", "ndjson", "json"],
  recognizes: (text) => layoutOf(text) === "lines",
  // A first line that is not JSON is a dead letter, unless it is a header.
  mayBeginLike: [csvFormat],
};

/** Objects in an array, or over several lines. Only the content shows it: the files have the same endings as JSON lines. */
export const jsonFormat: StreamFormat = {
  ...json("json"),
  called: "JSON",
  endings: [],
  recognizes: (text) => layoutOf(text) === "values",
};

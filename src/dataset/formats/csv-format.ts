import type { StreamFormat } from "./input-format.js";
import { looksLikeJson } from "./json-layout.js";

export const csvFormat: StreamFormat = {
  name: "csv",
  family: "CSV",
  called: "text that looks like CSV",
  endings: ["csv", "tsv"],
  reads: "stream",
  /** Any text may be CSV. */
  recognizes: (text) => !looksLikeJson(text),
  async *records(dataset, where, bytes, tally) {
    const { csvRecords } = await import("../inputs/csv.js");
    yield* csvRecords(dataset, where, bytes, tally);
  },
  collector: async () => new (await import("../infer/csv-collect.js")).CsvCollect(),
};

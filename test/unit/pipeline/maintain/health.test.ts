import { describe, expect, it } from "vitest";
import type { Snapshot } from "../../../../src/iceberg/catalog.js";
import { compactFrom, healthOf, helpFor } from "../../../../src/pipeline/maintain/health.js";
import { icebergTable, snapshot } from "../../../helpers/tables.js";

const kB = 1024;
/** A commit that adds so many files, each of so many bytes, to those that were there. */
function commit(
  id: number,
  parent: number | null,
  added: number,
  bytesEach: number,
  total: { readonly files: number; readonly bytes: number },
  operation: Snapshot["operation"] = "append",
  deleted = 300,
): Snapshot {
  return snapshot(String(id), parent === null ? null : String(parent), {
    operation,
    summary: {
      "added-data-files": String(added),
      "added-files-size": String(added * bytesEach),
      "total-data-files": String(total.files),
      "total-files-size": String(total.bytes),
      "total-records": String(total.files * 10),
      ...(operation === "replace" ? { "deleted-data-files": String(deleted) } : {}),
    },
  });
}
/** So many commits of three files of 40 kB each, as a stream makes them, after `first`. */
const stream = (
  from: number,
  commits: number,
  first: { files: number; bytes: number } = { files: 0, bytes: 0 },
) =>
  Array.from({ length: commits }, (_, i) => {
    const files = first.files + 3 * (i + 1);
    const bytes = first.bytes + 3 * (i + 1) * 40 * kB;
    return commit(from + i, from + i === 0 ? null : from + i - 1, 3, 40 * kB, { files, bytes });
  });

describe("how a table is", () => {
  it("one that nothing was written to", () => {
    expect(healthOf(icebergTable())).toEqual({
      table: "bronze.raw_trips",
      ...{ rows: 0, files: 0, averageFileBytes: 0, smallFiles: 0, deleteFiles: 0, snapshots: 0, bytes: 0 },
      ...{ metadataBytes: 0, lastCommit: null, verdict: "ok" },
    });
  });

  it("a stream's many small files ask for compaction, few do not", () => {
    expect(healthOf(icebergTable(stream(0, 200)))).toMatchObject({
      ...{ rows: 6_000, files: 600, smallFiles: 600, averageFileBytes: 40 * kB, snapshots: 200 },
      verdict: "compact: 600 small files, 41.0 kB on average",
    });
    expect(healthOf(icebergTable(stream(0, 33)))).toMatchObject({ smallFiles: 99, verdict: "ok" });
  });

  it("a hundred small files are enough where they are nearly all of a table", () => {
    expect(healthOf(icebergTable(stream(0, 119)))).toMatchObject({
      smallFiles: 357,
      verdict: "compact: 357 small files, 41.0 kB on average",
    });
    // Beside many large ones they matter less.
    const large = commit(0, null, 300, 400 * kB * kB, { files: 300, bytes: 300 * 400 * kB * kB });
    const after = stream(1, 119, { files: 300, bytes: 300 * 400 * kB * kB });
    expect(healthOf(icebergTable([large, ...after]))).toMatchObject({ smallFiles: 357, verdict: "ok" });
    expect([
      compactFrom({ smallFiles: 90, files: 100 }),
      compactFrom({ smallFiles: 89, files: 100 }),
    ]).toEqual([100, 500]);
  });

  it("too many snapshots ask for expiry, at an age that leaves few enough", () => {
    const hourMs = 3_600_000;
    const every = (ms: number) =>
      icebergTable(
        Array.from({ length: 6_000 }, (_, i) =>
          snapshot(String(i), i === 0 ? null : String(i - 1), {
            timestampMs: Date.now() - (6_000 - i) * ms,
            operation: "overwrite",
          }),
        ),
      );
    const tenSeconds = every(10_000);
    expect(healthOf(tenSeconds).verdict).toBe("expire: 6,000 snapshots");
    expect(helpFor([tenSeconds])).toBe("pipectl maintain --older-than 6h");
    expect(helpFor([every(100)])).toBe("pipectl maintain --older-than 1h");
    expect(helpFor([every(hourMs)])).toBe("pipectl maintain");
    // Of several tables the age that helps them all.
    expect(helpFor([every(hourMs), tenSeconds])).toBe("pipectl maintain --older-than 6h");
  });

  it("names rows that another engine has marked in delete files", () => {
    const marked = icebergTable([snapshot("1", null, { summary: { "total-delete-files": "1" } })]);
    expect(healthOf(marked).verdict).toBe("maintain: rows are marked in 1 delete file");
  });

  it("only what came since the last compaction counts", () => {
    const compacted = commit(100, 99, 3, 4_000 * kB, { files: 3, bytes: 12_000 * kB }, "replace");
    const after = stream(101, 5, { files: 3, bytes: 12_000 * kB });
    expect(healthOf(icebergTable([...stream(0, 100), compacted, ...after]))).toMatchObject({
      ...{ files: 18, smallFiles: 15, verdict: "ok" },
    });
  });

  it("manifests that were put together are no compaction", () => {
    const total = { files: 300, bytes: 300 * 40 * kB };
    const manifests = commit(100, 99, 0, 0, total, "replace", 0);
    expect(healthOf(icebergTable([...stream(0, 100), manifests]))).toMatchObject({ smallFiles: 300 });
  });

  it("large files are no reason, nor is one file for each date that was made anew", () => {
    const large = commit(1, null, 60, 200 * kB * kB, { files: 60, bytes: 60 * 200 * kB * kB });
    expect(healthOf(icebergTable([large]))).toMatchObject({ smallFiles: 0, verdict: "ok" });
    const dates = commit(1, null, 300, 40 * kB, { files: 300, bytes: 300 * 40 * kB }, "overwrite");
    expect(healthOf(icebergTable([dates]))).toMatchObject({ files: 300, smallFiles: 0, verdict: "ok" });
  });

  it("what was written before the oldest snapshot that is left counts by its total", () => {
    expect(healthOf(icebergTable(stream(0, 100).slice(80)))).toMatchObject({ files: 300, smallFiles: 300 });
  });
});

import { describe, expect, it } from "vitest";
import { manifestText } from "../../../../src/dataset/infer/manifest-text.js";
import { loadManifest } from "../../../../src/dataset/manifest.js";
import { readAll, temporaryFolder } from "../fixtures.js";
import { nestedFile, zstdFile } from "../inputs/pyarrow-files.js";
import { planned } from "./planned.js";

const file = temporaryFolder();
describe("a manifest as it was written", () => {
  it.each([
    [
      "Parquet",
      file("a.parquet", zstdFile),
      '{"order_id":1,"placed":"2024-01-01 10:00:00.123456","customer":"ann",',
    ],
    [
      "nested Parquet",
      file("b.parquet", nestedFile),
      '{"OrderID":1,"placed":"2024-01-01 00:00:00.123456Z","customer":"a",',
    ],
    [
      "CSV with names that no table can have",
      file(
        "c.csv",
        'or.der;Or.Der;it\'s `x`: #;;kafka_offset;kafka_incarnation\n1;2;x;3;4;5\n2;3;"a;b";;;\n',
      ),
      '{"or.der":1,"Or.Der":2,"it\'s `x`: #":"x","":"3","kafka_offset":"4","kafka_incarnation":5}',
    ],
    [
      "JSON",
      file("d.jsonl", '{"a.b":{"c":[1]},"at":"2024-01-01T10:00:00Z"}\n'),
      '{"a.b":{"c":[1]},"at":"2024-01-01T10:00:00Z"}',
    ],
  ])("loads, and sends the file that it was made from: %s", async (_, path, first) => {
    const plan = await planned({ files: [path] });
    const dataset = loadManifest(file("x.yml", manifestText(plan)));
    const { records, unreadable } = await readAll(dataset, [path]);
    expect([records.length, unreadable]).toEqual([plan.records, 0]);
    expect(String(records[0]?.value).startsWith(first)).toBe(true);
  });
});

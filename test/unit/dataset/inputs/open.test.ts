import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { openInputs } from "../../../../src/dataset/inputs/open.js";
import { problemOf } from "../../../helpers/problem.js";
import { keysOf, ordersDataset, readAll, temporaryFolder, valuesOf } from "../fixtures.js";
import { zstdFile } from "./pyarrow-files.js";
import { zstdCsv } from "./zstd-files.js";

const file = temporaryFolder();
const orders = ordersDataset(file);
const csv = "OrderID,placed,customer\n1,,a\n2,,b\n";
const jsonl = '{"OrderID":3,"customer":"c"}\n';
const problem = (name: string, content: string | Buffer) =>
  problemOf(() => openInputs(orders, [file(name, content)]));

describe("openInputs", () => {
  it("reads files of every format one after the other", async () => {
    const paths = [
      file("a.csv", csv),
      file("b.jsonl", jsonl),
      file("c.csv.gz", gzipSync("placed_at;customer;order_id\n;d;4\n")),
      file("d.json.gz", Buffer.concat([gzipSync(jsonl), gzipSync(jsonl)])),
      file("e.parquet", zstdFile),
      file("no-ending", csv),
    ];
    const { records } = await readAll(orders, paths);
    expect(keysOf(records).slice(0, 6)).toEqual(["a|1", "b|2", "c|3", "d|4", "c|3", "c|3"]);
    expect(records).toHaveLength(12);
  });

  it("counts bytes as they lie on disk, and ends at the total", async () => {
    const packed = gzipSync(csv);
    const inputs = await openInputs(orders, [file("a.csv.gz", packed), file("b.parquet", zstdFile)]);
    expect(inputs.totalBytes).toBe(packed.length + zstdFile.length);
    expect(inputs.bytesRead()).toBe(0);
    for await (const _ of inputs.records());
    expect(inputs.bytesRead()).toBe(inputs.totalBytes);
  });

  it("hands out chunks of at most 1000, and stops when asked to", async () => {
    const inputs = await openInputs(orders, [
      file("many.csv", `OrderID,placed,customer\n${"1,,a\n".repeat(2500)}`),
    ]);
    const sizes: number[] = [];
    for await (const chunk of inputs.records()) {
      sizes.push(chunk.length);
      if (sizes.length === 2) break;
    }
    expect(sizes).toEqual([1000, 1000]);
    await inputs.close();
  });

  it.each([
    ["gzip called CSV", "x.csv", gzipSync(csv), "is gzip"],
    ["CSV called gzip", "x.csv.gz", csv, "is text that looks like CSV"],
    ["Parquet called CSV", "x.csv", zstdFile, "is Parquet"],
    ["CSV called Parquet", "x.parquet", csv, "is text that looks like CSV"],
    ["JSON called CSV", "x.csv", jsonl, "is JSON lines"],
    ["CSV called JSON", "x.json", csv, "is text that looks like CSV"],
    ["Parquet called CSV, packed", "x.csv.gz", gzipSync(zstdFile), "is Parquet"],
    ["zip", "x.csv", Buffer.from("PK\x03\x04rest"), "zip archive"],
    ["zstd called CSV", "x.csv", zstdCsv, "is zstd"],
    ["zstd called gzip", "x.csv.gz", zstdCsv, "is zstd"],
    ["CSV called zstd", "x.csv.zst", csv, "is text that looks like CSV"],
    ["UTF-16", "x.csv", Buffer.from(`\uFEFF${csv}`, "utf16le"), "UTF-16"],
    ["UTF-16 without a mark", "x.csv", Buffer.from(csv, "utf16le"), "UTF-16"],
    ["UTF-16 the other way round", "x.csv", Buffer.from(csv, "utf16le").swap16(), "UTF-16"],
    ["UTF-32", "x.csv", Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]), "UTF-32"],
    ["binary data", "x.csv", Buffer.from([1, 0, 2, 3]), "binary data"],
  ])("says what a file is that is not what its name says: %s", async (_, name, content, expected) => {
    const found = await problem(name, content);
    expect(found).toMatchObject({ code: "input_format", kind: "usage" });
    expect(found.message).toContain(expected);
    expect(found.hint).toContain("Nothing was sent.");
  });

  it.each([
    ["empty", "x.csv", "", "is empty"],
    ["only a header", "x.csv", "OrderID,placed,customer\n", "has no records"],
    ["only a header without line end", "x.csv", "OrderID,placed,customer", "has no records"],
    ["only a header, packed", "x.csv.gz", gzipSync("OrderID,placed,customer\n\n"), "has no records"],
    ["packed nothing", "x.csv.gz", gzipSync(""), "has no records"],
  ])("refuses a file that is %s", async (_, name, content, expected) => {
    const found = await problem(name, content);
    expect(found.code).toBe("input_empty");
    expect(found.message).toContain(expected);
  });

  it("refuses gzip that is cut off or damaged anywhere, before anything is read", async () => {
    const lines = Array.from({ length: 20_000 }, (_, id) => `${id},,c${(id * 7919) % 1000}\n`).join("");
    const packed = gzipSync(`OrderID,placed,customer\n${lines}`);
    const good = file("good.csv", csv);
    for (const length of [3, 30, packed.length >> 1, packed.length - 1]) {
      const bad = file("bad.csv.gz", packed.subarray(0, length));
      const found = await problemOf(() => openInputs(orders, [good, bad]));
      expect(found.code).toBe("input_corrupt");
      expect(found.message).toContain(bad);
    }
    const flipped = Buffer.from(packed);
    flipped[packed.length - 6] = (flipped[packed.length - 6] ?? 0) ^ 0xff;
    expect((await problem("bad.csv.gz", flipped)).code).toBe("input_corrupt");
  });

  it("refuses what is not there, a directory, and no input at all", async () => {
    expect((await problemOf(() => openInputs(orders, ["/nowhere.csv"]))).message).toContain("/nowhere.csv");
    const folder = join(dirname(file("x", "")), "folder");
    mkdirSync(folder);
    expect((await problemOf(() => openInputs(orders, [folder]))).message).toContain("is a directory");
    expect((await problemOf(() => openInputs(orders, []))).code).toBe("input_missing");
  });
});

describe("stdin", () => {
  it.each([
    ["CSV", csv],
    ["CSV, packed", gzipSync(csv)],
  ])("is read whatever it is: %s", async (_, content) => {
    expect(keysOf((await readAll(orders, ["-"], content)).records)).toEqual(["a|1", "b|2"]);
  });

  it("is read byte by byte, and beside files in the order that was given", async () => {
    const bytes = Readable.from([...Buffer.from(jsonl)].map((byte) => Buffer.from([byte])));
    const { records } = await readAll(orders, ["-", file("a.csv", csv)], bytes);
    expect(keysOf(records)).toEqual(["c|3", "a|1", "b|2"]);
  });

  it("is handed on as it comes", async () => {
    const stdin = new Readable({ read() {} });
    stdin.push(jsonl);
    const inputs = await openInputs(orders, ["-"], stdin);
    expect(inputs.totalBytes).toBeUndefined();
    const records = inputs.records()[Symbol.asyncIterator]();
    expect(valuesOf((await records.next()).value ?? [])).toEqual([jsonl.trim()]);
    stdin.push(jsonl);
    expect(valuesOf((await records.next()).value ?? [])).toEqual([jsonl.trim()]);
    expect(inputs.bytesRead()).toBe(2 * jsonl.length);
    await inputs.close();
  });

  it("passes a first line that is broken JSON", async () => {
    const { records, unreadable } = await readAll(orders, ["-"], '{"OrderID":\n');
    expect(valuesOf(records)).toEqual(['{"OrderID":']);
    expect(unreadable).toBe(1);
  });

  it.each([
    ["nothing", "", "is empty"],
    ["Parquet", zstdFile, "cannot be read from a pipe"],
    ["gzip within gzip", gzipSync(gzipSync(csv)), "is gzip within a packed stream"],
    ["a header of something else", "title,year\nx,1\n", "the column OrderID (or order_id) is missing"],
    ["gzip that is cut off at once", gzipSync(csv).subarray(0, 12), "stdin"],
  ])("is refused before anything is read when it is %s", async (_, content, expected) => {
    const found = await problemOf(() => readAll(orders, ["-"], content));
    expect(found.kind).toBe("usage");
    expect(found.message).toContain(expected);
  });

  it("says after which record it broke", async () => {
    const lines = Array.from({ length: 200_000 }, (_, id) => `${id},,c${(id * 7919) % 1000}\n`).join("");
    const packed = gzipSync(`OrderID,placed,customer\n${lines}`);
    const found = await problemOf(() => readAll(orders, ["-"], packed.subarray(0, packed.length - 100)));
    expect(found).toMatchObject({ kind: "failed", code: "input_broken" });
    expect(found.message).toMatch(/stdin could not be read after record \d{3,}: /);
  });
});

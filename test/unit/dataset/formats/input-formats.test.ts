import { describe, expect, it } from "vitest";
import {
  families,
  formatsWithPackings,
  inputFormats,
} from "../../../../src/dataset/formats/input-formats.js";
import { contentOf } from "../../../../src/dataset/inputs/content.js";

const duplicates = (words: readonly string[]) => words.filter((word, i) => words.indexOf(word) < i);

describe("the table of input formats", () => {
  it("has each name and each ending once", () => {
    expect(duplicates(inputFormats.map(({ name }) => name))).toEqual([]);
    expect(duplicates(inputFormats.flatMap(({ endings }) => endings))).toEqual([]);
  });

  it.each([
    ["a,b\n1,2\n", "csv"],
    ['{"a": 1}\n{"a": 2}\n', "jsonl"],
    ['{"a": \n', "jsonl"],
    ['[{"a": 1}, {"a": 2}]', "json"],
    ["{\n", "json"],
  ])("one format, and no other, takes the text %j for its own", (text, name) => {
    const found = inputFormats.filter((format) => format.recognizes?.(text));
    expect(found.map((format) => format.name)).toEqual([name]);
  });

  it.each([
    ["\uFEFF  a;b\n", "csv"],
    ['\n {"a": 1}\n', "jsonl"],
    ["PAR1", "parquet"],
  ])("tells by the bytes of %j that it is %s", (head, name) => {
    expect(contentOf(Buffer.from(head))).toMatchObject({ kind: "format", format: { name } });
  });

  it("makes the lists that help texts and messages show", () => {
    expect(families).toEqual(["CSV", "JSON", "Parquet"]);
    expect(formatsWithPackings()).toBe("CSV, JSON (plain, gzip or zstd) or Parquet");
    expect(contentOf(Buffer.from("\u0001\u0000"))).toMatchObject({
      advice: "pipectl reads CSV, JSON and Parquet.",
    });
  });
});

import { expect, it } from "vitest";
import { deadLetterLine } from "../../../../src/pipeline/dead-letters/dead-letter-line.js";

const at = { incarnation: 0, partition: 1, offset: 2, timestamp: "2026-01-31T12:00:00.000Z", error: "e" };

it.each([
  ["text", Buffer.from('{"a": "日本 🚕\\u0000"}\n')],
  ["a byte order mark", Buffer.from([0xef, 0xbb, 0xbf, 0x61])],
  ["an empty value", Buffer.alloc(0)],
  ["a tombstone", null],
  ["no UTF-8", Buffer.from([0xc3, 0x28])],
  ["half a surrogate pair", Buffer.from([0xed, 0xa0, 0x80])],
  ["a null character and an escape", Buffer.from([0, 0x1b])],
  ["half a character at the end", Buffer.from("é").subarray(0, 1)],
])("%s comes back byte by byte", (_what, bytes) => {
  const line = JSON.parse(JSON.stringify(deadLetterLine({ ...at, key: bytes, value: bytes })));
  const restored = (text: string | null, encoding: "base64" | undefined) =>
    text === null ? null : Buffer.from(text, encoding ?? "utf8");
  expect(restored(line.value, line.valueEncoding)).toEqual(bytes);
  expect(restored(line.key, line.keyEncoding)).toEqual(bytes);
  expect(line).toMatchObject(at);
});

it("names an encoding only where there is one", () => {
  const line = deadLetterLine({ ...at, key: null, value: Buffer.from("text") });
  expect(line).toEqual({ ...at, key: null, value: "text" });
});

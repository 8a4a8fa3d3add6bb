import { describe, expect, it, test } from "vitest";
import { parseExact } from "../../../src/core/json.js";

describe("an integer that no JavaScript number can hold comes as text", () => {
  it.each([
    ["9007199254740991", 9007199254740991],
    ["9007199254740992", "9007199254740992"],
    ["9007199254740993", "9007199254740993"],
    ["-9007199254740993", "-9007199254740993"],
    ["3176144716379035831", "3176144716379035831"],
    ["1234567890123456789012345678901234567890", "1234567890123456789012345678901234567890"],
  ])("%s", (token, value) => {
    expect(parseExact(token)).toEqual(value);
    expect(parseExact(`{"a":[${token},1],"b":${token}}`)).toEqual({ a: [value, 1], b: value });
  });
});

describe("every other number is a number", () => {
  it.each(["0", "-1", "0.12345678901234567", "12345678901234567.5", "1e20", "1.5e+300", "-123456789012345"])(
    "%s",
    (token) => {
      expect(parseExact(`{"n": ${token} }`)).toEqual({ n: Number(token) });
    },
  );
});

test("digits in a string stay as they are, behind quotes and backslashes too", () => {
  const value = { 'a"9007199254740993': '\\"9007199254740993\\', b: "12345678901234567890", "": "\\\\" };
  expect(parseExact(JSON.stringify(value))).toEqual(value);
});

test("a string of many megabytes is no trouble", () => {
  const value = { long: 'x"\\'.repeat(1_000_000) };
  expect(parseExact(JSON.stringify(value))).toEqual(value);
});

test.each(["", "{", "{'a':1}", "nonsense", "01234567890123456789"])("%j is no JSON", (text) => {
  expect(parseExact(text)).toBeUndefined();
});

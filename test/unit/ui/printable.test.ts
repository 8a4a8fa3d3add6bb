import { expect, it } from "vitest";
import { printable } from "../../../src/ui/printable.js";

it.each([
  ["plain text, naïve 日本語 🚕", "plain text, naïve 日本語 🚕"],
  ["a\nb\tc\r", "a\\nb\\tc\\r"],
  ["\u001b[2J\u0007\u009b31m\u007f", "\\u001b[2J\\u0007\\u009b31m\\u007f"],
  ["\u202eevil\u2066\u200b", "\\u202eevil\\u2066\\u200b"],
  ["a\u2028b\u2029", "a\\u2028b\\u2029"],
  ["\u{e0041}", "\\udb40\\udc41"],
  ["half \ud83d a pair", "half \\ud83d a pair"],
])("%j cannot drive a terminal", (text, shown) => {
  expect(printable(text)).toBe(shown);
});

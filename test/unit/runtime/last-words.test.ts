import { expect, it } from "vitest";
import { lastWords } from "../../../src/runtime/last-words.js";

it("of a log are its last eight lines, without the stack, indented and not for ever", () => {
  const log = [
    ...Array.from({ length: 20 }, (_, i) => `line ${i}`),
    "java.io.IOException: disk full",
    "\tat io.pipectl.Main.main(Main.java:1)",
    "Caused by: x",
    "\t... 12 more",
    "",
    "y".repeat(1_000),
  ];
  expect(lastWords(log.join("\n")).split("\n")).toEqual([
    ...[15, 16, 17, 18, 19].map((i) => `  line ${i}`),
    "  java.io.IOException: disk full",
    "  Caused by: x",
    `  ${"y".repeat(300)}`,
  ]);
});

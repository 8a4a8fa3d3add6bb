import { describe, expect, it } from "vitest";
import { NumberScan } from "../../../../src/dataset/infer/scan-number.js";
import { Random } from "../../../../src/dataset/synthetic/random.js";
import { seed } from "../../../helpers/draw.js";

const scan = new NumberScan();

const random = new Random(seed);

describe(`NumberScan (CHAOS_SEED=${seed})`, () => {
  it("agrees with JSON's grammar and with BigInt over many texts", () => {
    const grammar = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
    for (let round = 0; round < 50_000; round++) {
      const text = Array.from({ length: random.below(22) }, () => "0123456789.-e+"[random.below(14)]).join(
        "",
      );
      expect([text, scan.scan(text)]).toEqual([text, grammar.test(text)]);
      if (!/^-?(0|[1-9]\d*)$/.test(text)) continue;
      const value = BigInt(text);
      expect([text, scan.fitsInt, scan.fitsLong]).toEqual([
        text,
        BigInt.asIntN(32, value) === value,
        BigInt.asIntN(64, value) === value,
      ]);
      expect([text, scan.survivesDouble]).toEqual([text, shortestIs(text)]);
    }
  });
});

/** Whether the shortest text of the DOUBLE, written out, is the number. */
function shortestIs(text: string): boolean {
  const [digits = "", power = "0"] = String(Math.abs(Number(text)))
    .replace(".", "")
    .split("e+");
  return digits.padEnd(Number(power) + 1, "0") === text.replace("-", "");
}

import { describe, expect, it } from "vitest";
import { JsonWalk } from "../../../../src/dataset/infer/json-walk.js";
import { Random } from "../../../../src/dataset/synthetic/random.js";
import { seed } from "../../../helpers/draw.js";

const accepts = (text: string) => new JsonWalk().record(text, 1, () => {});

/** JSON.parse, except that it takes a field twice, half a surrogate pair, and deep nesting. */
function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

const random = new Random(seed);

describe(`JsonWalk (CHAOS_SEED=${seed})`, () => {
  it("takes the JSON objects that JSON.parse takes, over many broken ones", () => {
    const samples = [
      '{"a":1,"b":[true,false,null,-1.5e+3],"c":{"d":"x\\n\\u00e9\\"","e":{}},"f":[]}',
      ' {\t"a" : [ 1 , 2 ] ,\r\n"b":"" } ',
      '{"":0,"\\u0061":"\\/\\\\"}',
    ];
    const alphabet = [
      '"',
      "\\",
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      "0",
      "1",
      "-",
      ".",
      "e",
      "t",
      "n",
      "u",
      " ",
      "\n",
      "\u0001",
      "x",
      "",
    ];
    let good = 0;
    for (let round = 0; round < 60_000; round++) {
      let text = samples[random.below(samples.length)] as string;
      for (let changes = random.below(3); changes >= 0; changes--) {
        const at = random.below(text.length + 1);
        text = text.slice(0, at) + alphabet[random.below(alphabet.length)] + text.slice(at + random.below(2));
      }
      // A change may make a field's name that of another; that is another rule.
      const names = [...text.matchAll(/"([^"]*)"\s*:/g)].map(([, name]) => name);
      if (
        new Set(names).size < names.length ||
        /\\u/.test(text.replaceAll("\\u00e9", "").replaceAll("\\u0061", ""))
      )
        continue;
      if (isObject(text)) good++;
      expect([text, accepts(text)]).toEqual([text, isObject(text)]);
    }
    expect(good).toBeGreaterThan(1000);
  });
});

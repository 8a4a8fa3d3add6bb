import { describe, expect, it } from "vitest";
import { JsonWalk } from "../../../../src/dataset/infer/json-walk.js";

const accepts = (text: string) => new JsonWalk().record(text, 1, () => {});

describe("JsonWalk", () => {
  it.each([
    ["", false],
    [" ", false],
    ["[]", false],
    ["{}", true],
    ['{"a":1}x', false],
    ['{"a":1,}', false],
    ['{"a":[1,]}', false],
    ['{"a":', false],
    ['{"a":"', false],
    ['{"a":"\\', false],
    ['{"a":"\\u12', false],
    ['{"a":"\\ud83d\\ude00"}', true],
    ['{"a":"\\ud83d"}', false],
    ['{"a":nul}', false],
    ['{"a":01}', false],
    ['{"a":"\t"}', false],
    ['{"a":1,"\\u0061":2}', false],
    [`{"a":${"[".repeat(999)}${"]".repeat(999)}}`, true],
    [`{"a":${"[".repeat(1000)}${"]".repeat(1000)}}`, false],
    [`{"a":${"[".repeat(500_000)}`, false],
  ])("%s", (text, expected) => {
    expect(accepts(text)).toBe(expected);
  });
});

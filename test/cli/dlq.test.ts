import { describe, expect, it } from "vitest";
import { documentOf, pipectl } from "../helpers/cli.js";

describe("dlq on the command line", () => {
  it.each([
    [["dlq", "show", "0"], "usage", "from 1 to 10000"],
    [["dlq", "show", "10001"], "usage", "from 1 to 10000"],
    [["dlq", "show", "ten"], "usage", "from 1 to 10000"],
    [["dlq", "show", "5", "--reason", "field:nope"], "option_invalid", "--reason is 'field:nope'"],
    [["dlq", "export", "x.jsonl", "--partition", "-1"], "option_invalid", "--partition is '-1'"],
    [["dlq", "accept", "--yes", "--note", "two\nlines"], "option_invalid", "one line"],
    [["dlq", "accept", "--yes", "--note", "x".repeat(501)], "option_invalid", "500"],
    [["dlq", "accept", "--revoke", "--reason", "empty"], "usage", "cannot be used with --reason"],
    [["dlq", "accept"], "answer_missing", "nobody can answer"],
    [["dlq", "export"], "usage", "missing required argument"],
    [["dlq", "nothing"], "usage", "too many arguments"],
  ])("%j is refused before anything is contacted", async (argv, code, message) => {
    const result = await pipectl([...argv, "--json"]);
    expect(result.code).toBe(2);
    const { error } = documentOf(result) as { error: { code: string; message: string } };
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
  });
});

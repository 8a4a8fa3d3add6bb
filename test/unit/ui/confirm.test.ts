import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { canAnswer, confirm } from "../../../src/ui/confirm.js";

function terminal(isTTY = true) {
  const written: string[] = [];
  const stdin = Object.assign(new PassThrough(), { isTTY });
  const stderr = { write: (text: string) => void written.push(text), isTTY };
  return { stdin, stderr, written };
}
const never = new AbortController().signal;

describe("confirm", () => {
  it.each([
    ["y\n", true],
    [" YES \n", true],
    ["n\n", false],
    ["\n", false],
    ["yesterday\n", false],
  ])("%j is %s", async (typed, answer) => {
    const asked = terminal();
    const answered = confirm("Do it?", asked, never);
    asked.stdin.write(typed);
    expect(await answered).toBe(answer);
    expect(asked.written).toEqual(["Do it? [y/N] "]);
  });

  it("takes the end of the input for a no", async () => {
    const asked = terminal();
    const answered = confirm("Do it?", asked, never);
    asked.stdin.end();
    expect(await answered).toBe(false);
  });

  it("ends with Ctrl-C, while it waits and before", async () => {
    const stop = new AbortController();
    const answered = confirm("Do it?", terminal(), stop.signal);
    stop.abort();
    await expect(answered).rejects.toThrow("aborted");
    await expect(confirm("Do it?", terminal(), stop.signal)).rejects.toThrow("aborted");
  });
});

it("nobody can answer where there is no terminal on both sides", () => {
  expect(canAnswer(terminal())).toBe(true);
  expect(canAnswer(terminal(false))).toBe(false);
  expect(canAnswer({ ...terminal(), stderr: terminal(false).stderr })).toBe(false);
});

import { describe, expect, it } from "vitest";
import { ExitCode, failed, messageOf, unavailable, usage } from "../../../src/core/errors.js";

describe("errors", () => {
  it.each([
    [failed("x", "m"), "failed", 1],
    [usage("x", "m"), "usage", 2],
    [unavailable("x", "m"), "unavailable", 3],
  ])("%s exits as its kind says", (error, kind, exitCode) => {
    expect(error).toMatchObject({ kind, exitCode, code: "x", message: "m", hint: undefined });
  });

  it("keeps hint and cause", () => {
    const cause = new Error("below");
    const error = failed("x", "m", { hint: "pipectl status", cause });
    expect(error.hint).toBe("pipectl status");
    expect(error.cause).toBe(cause);
    expect("cause" in failed("x", "m")).toBe(false);
  });

  it("has the exit codes that the manual lists", () => {
    expect(ExitCode).toEqual({
      ok: 0,
      failed: 1,
      usage: 2,
      unavailable: 3,
      bug: 70,
      interrupted: 130,
      terminated: 143,
    });
  });

  it.each([
    [new Error("plain"), "plain"],
    ["text", "text"],
    [undefined, "undefined"],
    [
      new AggregateError([new Error("connect ECONNREFUSED ::1:9"), new Error("second")]),
      "connect ECONNREFUSED ::1:9",
    ],
    [new AggregateError([new Error("inner")], "outer"), "outer"],
    [new AggregateError([]), ""],
  ])("shows %s without a stack", (thrown, text) => {
    expect(messageOf(thrown)).toBe(text);
  });
});

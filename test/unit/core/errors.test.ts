import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { errorCodes } from "../../../src/core/error-codes.js";
import { ExitCode, failed, messageOf, unavailable, usage } from "../../../src/core/errors.js";
import { root } from "../../helpers/folder.js";

/** All of src but the table itself. */
const source = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && file !== join("core", "error-codes.ts"))
  .map((file) => readFileSync(join(root, "src", file), "utf8"))
  .join("\n");

describe("the table of codes", () => {
  it.each(Object.entries(errorCodes))("%s: each code is one that is used", (_kind, codes) => {
    expect(Object.keys(codes).filter((code) => !source.includes(`"${code}"`))).toEqual([]);
  });

  it("is in order", () => {
    for (const codes of Object.values(errorCodes))
      expect(Object.keys(codes)).toEqual(Object.keys(codes).sort());
  });
});

describe("errors", () => {
  it.each([
    [failed("flink_error", "m"), "failed", 1],
    [usage("job_unknown", "m"), "usage", 2],
    [unavailable("flink_error", "m"), "unavailable", 3],
  ])("%s exits as its kind says", (error, kind, exitCode) => {
    expect(error).toMatchObject({ kind, exitCode, message: "m", hint: undefined });
  });

  it("keeps hint and cause", () => {
    const cause = new Error("below");
    const error = failed("busy", "m", { hint: "pipectl status", cause });
    expect(error.hint).toBe("pipectl status");
    expect(error.cause).toBe(cause);
    expect("cause" in failed("busy", "m")).toBe(false);
  });

  it("takes only codes of its kind", () => {
    // @ts-expect-error a code that is in no table
    failed("no_such_code", "m");
    // @ts-expect-error a code of another kind
    failed("kafka_unreachable", "m");
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

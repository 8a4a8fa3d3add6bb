import { describe, expect, it } from "vitest";
import { type CommandContext, command } from "../../../src/commands/command.js";
import {
  age,
  type CommandOption,
  flag,
  flagOf,
  flagsOf,
  number,
  oneOf,
  parsed,
  text,
} from "../../../src/commands/options.js";
import { problemOf } from "../../helpers/problem.js";

describe("an option", () => {
  it.each([
    ["keys", flag("all"), "--keys"],
    ["olderThan", age("of what goes", "7d"), "--older-than <age>"],
    ["yes", flag("do not ask", "y"), "-y, --yes"],
  ] as [string, CommandOption<unknown>, string][])("%s is typed by its name", (name, option, flags) => {
    expect(flagsOf(name, option)).toBe(flags);
  });

  it.each([
    [flag("x"), undefined, false],
    [flag("x"), true, true],
    [text("<file>", "x"), undefined, undefined],
    [text("<file>", "x"), "", ""],
    [number("<n>", "x", { min: 0 }), undefined, undefined],
    [number("<n>", "x", { min: 0 }), "1.5", 1.5],
    [number("<n>", "x", { min: 1, whole: true }, "20"), "20", 20],
    [oneOf("<table>", "x", ["bronze", "dlq"]), "dlq", "dlq"],
    [age("x", "7d"), "30min", 1_800_000],
    [age("x", "7d"), "36h", 129_600_000],
    [parsed("<t>", "x", (given) => ({ is: given.length })), "four", 4],
  ] as [CommandOption<unknown>, unknown, unknown][])("%# reads %j as %j", (option, given, value) => {
    expect(option.read(given, "--it")).toBe(value);
  });

  it.each([
    [number("<n>", "x", { min: 0 }), "", "number, at least 0"],
    [number("<n>", "x", { min: 1, whole: true }), "1.5", "whole number, at least 1"],
    [number("<n>", "x", { min: 0, max: 1 }), "2", "number, from 0 to 1"],
    [oneOf("<table>", "x", ["bronze", "dlq", "silver"]), "gold", "bronze, dlq or silver"],
    [oneOf("<where>", "x", ["latest"]), "first", "latest"],
    [age("x", "7d"), "7", "number and a unit: 30min, 36h, 7d"],
  ] as [CommandOption<unknown>, string, string][])("%# refuses '%s'", async (option, given, mustBe) => {
    const { code, message } = await problemOf(() => option.read(given, flagOf("it")));
    expect(code).toBe("option_invalid");
    expect(message).toMatch(new RegExp(`^--it is '${given}', but must be (a )?${mustBe}$`));
  });
});

describe("a command", () => {
  const seen: unknown[] = [];
  const definition = command({
    usage: "sample",
    summary: "a command",
    options: { dryRun: flag("x"), limit: number("<n>", "x", { min: 1 }, "20"), to: text("<id>", "x") },
    example: "pipectl sample",
    run: async (_context, _args, options) => {
      const limit: number = options.limit;
      // @ts-expect-error it has no fallback, and may be missing
      const to: string = options.to;
      // @ts-expect-error no such option is declared
      seen.push(limit, to, options.dryRun, options.dryrun);
      return undefined;
    },
  });

  it("gets the options that it declares, each as its type, and no others", async () => {
    await definition.run({} as CommandContext, [], { limit: "5", json: true, dryrun: true });
    expect(seen).toEqual([5, undefined, false, undefined]);
  });

  it("declares them as commander takes them", () => {
    expect(definition.options.map(({ flags, fallback }) => [flags, fallback])).toEqual([
      ["--dry-run", undefined],
      ["--limit <n>", "20"],
      ["--to <id>", undefined],
    ]);
  });

  it("is not begun with an option that is wrong", async () => {
    const { message } = await problemOf(() => definition.run({} as CommandContext, [], { limit: "0" }));
    expect(message).toBe("--limit is '0', but must be a number, at least 1");
    expect(seen).toHaveLength(4);
  });
});

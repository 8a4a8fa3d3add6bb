import { describe, expect, it } from "vitest";
import { commandGroups } from "../../src/commands/index.js";
import { ExitCode } from "../../src/core/errors.js";
import { pipectl } from "../helpers/cli.js";

const commands = commandGroups.flatMap((group) => group.commands);
/** `dataset infer` of `dataset infer <file>`. */
const nameOf = ({ usage }: { usage: string }) => usage.replace(/ [<[].*/, "");
const names = commands.map(nameOf);

describe("--help", () => {
  it("lists every command with its summary, in its group, and the exit codes", async () => {
    const { code, stdout, stderr } = await pipectl(["--help"]);
    expect([code, stderr]).toEqual([0, ""]);
    for (const { title } of commandGroups) expect(stdout).toContain(`\n${title}\n`);
    for (const name of names.filter((one) => !one.includes(" ")))
      expect(stdout).toMatch(new RegExp(`^ {2}${name}\\b`, "m"));
    const text = stdout.replace(/\s+/g, " ");
    for (const { summary } of commands.filter((one) => !nameOf(one).includes(" ")))
      expect(text).toContain(summary);
    for (const exitCode of Object.values(ExitCode))
      expect(stdout.slice(stdout.indexOf("Exit codes:"))).toContain(String(exitCode));
  });

  it("names every command once", () => {
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(commands.map((command) => [nameOf(command), command] as const))(
    "of %s says what it does, with options and an example that begins with pipectl",
    async (name, command) => {
      const { code, stdout } = await pipectl([...name.split(" "), "--help"]);
      expect(code).toBe(0);
      expect(stdout.replace(/\s+/g, " ")).toContain(command.summary);
      for (const line of command.example.split("\n")) {
        expect(line).toMatch(new RegExp(`^pipectl (${names.join("|")})\\b`));
        expect(stdout).toContain(`  $ ${line}\n`);
      }
      expect(command.example.split("\n")[0]).toMatch(new RegExp(`^pipectl ${name}\\b`));
      for (const { flags } of command.options) expect(stdout).toContain(flags);
      for (const flag of ["--env-file", "--json", "--timeout", "--no-color", "--quiet", "--verbose"])
        expect(stdout).toContain(flag);
    },
  );

  it("is as wide as a terminal at the most, where it can be", async () => {
    const { stdout } = await pipectl(["generate", "--help"]);
    expect(stdout.split("\n").filter((line) => line.length > 100 && !line.includes("$ pipectl"))).toEqual([]);
  });
});

it("--version is one line", async () => {
  const { code, stdout } = await pipectl(["--version"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

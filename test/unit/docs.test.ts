import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { commandGroups } from "../../src/commands/index.js";
import type { KeyDefinition } from "../../src/config/key.js";
import { keys } from "../../src/config/schema.js";
import { errorCodes, type FailureKind } from "../../src/core/error-codes.js";
import { ExitCode } from "../../src/core/errors.js";
import { inputFormats } from "../../src/dataset/formats/input-formats.js";
import { packings } from "../../src/dataset/inputs/packing.js";
import { globalFlags } from "../../src/main.js";
import { root } from "../helpers/folder.js";

const read = (path: string) => readFileSync(join(root, path), "utf8");
const markdownIn = (folder: string) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(folder, name));
const pages = [...markdownIn("."), ...markdownIn("docs"), ...markdownIn("docs/decisions")];

describe("docs/configuration.md", () => {
  const text = read("docs/configuration.md");

  it.each(Object.entries(keys) as [string, KeyDefinition][])(
    "has %s with its default",
    (name, { default: value }) => {
      // One without is made up or made from something, or is nothing until it is set.
      const shown = value === "" ? "(made |none \\|)" : `\`${value}\` \\|`;
      expect(text).toMatch(new RegExp(`\\n\\| \`${name}\` \\| ${shown}`));
    },
  );

  it.each(
    Object.entries(keys).flatMap(([name, { schema }]) =>
      "options" in schema ? [[name, schema.options as readonly string[]] as const] : [],
    ),
  )("has the values of %s", (name, values) => {
    const row = new RegExp(`\\n\\| \`${name}\` \\|.*`).exec(text)?.[0];
    for (const value of values) expect(row).toContain(`\`${value}\``);
  });

  it("has no key that is none", () => {
    const named = [...text.matchAll(/^\| `([A-Z0-9_]+)` \|/gm)].map(([, name]) => name);
    expect(named.sort()).toEqual(Object.keys(keys).sort());
  });
});

const commands = commandGroups.flatMap((group) => group.commands);
/** `dlq show` of `dlq show <n>`. */
const nameOf = ({ usage }: { readonly usage: string }) => usage.replace(/ [<[].*/, "");
const flagsIn = (text: string) => [...text.matchAll(/--[a-z][a-z-]*/g)].map(([flag]) => flag);

describe("docs/commands.md", () => {
  const text = read("docs/commands.md");
  const [contents = "", ...rest] = text.split(/^---$/m);
  const sections = new Map(
    rest
      .join("---")
      .split(/^##+ (?=`)/m)
      .slice(1)
      .map((section) => [/^`([a-z -]+)`\n/.exec(section)?.[1] ?? section.split("\n")[0], section]),
  );

  it("has a section for each command, in the order of --help, in its groups", () => {
    expect([...sections.keys()]).toEqual(commands.map(nameOf));
    const groups = [...rest.join("---").matchAll(/^## (.+)$/gm)].map(([, title]) => `${title}:`);
    expect(groups).toEqual(commandGroups.map(({ title }) => title));
  });

  it("lists each command at its head", () => {
    const links = [...contents.matchAll(/\[([a-z -]+)\]\(#([a-z-]+)\)/g)].map(([, name, to]) => [name, to]);
    expect(links).toEqual(commands.map(nameOf).map((name) => [name, name.replaceAll(" ", "-")]));
  });

  it("has the global options, and no others", () => {
    const flags = [...contents.matchAll(/^\| `(-[^`]+)` \|/gm)].map(([, flag]) => flag);
    expect(flags).toEqual([...globalFlags.map(([flag]) => flag), "-h, --help", "-V, --version"]);
  });

  it.each(commands.map((command) => [nameOf(command), command] as const))(
    "%s: example, options with their defaults, and no others",
    (name, { example, options }) => {
      // What is said of the group behind a command is not the command's.
      const section = sections.get(name)?.split(/^## /m)[0] ?? "";
      expect(section).toContain(`\n$ ${example.split("\n")[0]}\n`);
      const rows = [...section.matchAll(/^\| (`-.*`) \| (.*) \|$/gm)];
      const documented = rows.flatMap(([, cell = ""]) => flagsIn(cell));
      expect(documented.sort()).toEqual(options.flatMap(({ flags }) => flagsIn(flags)).sort());
      for (const { flags, fallback } of options) {
        const [, , cells = ""] = rows.find(([, cell]) => cell?.includes(flagsIn(flags)[0] as string)) ?? [];
        const [shown = ""] = cells.split(" | ");
        if (fallback !== undefined && cells.includes(" | "))
          expect(shown.replaceAll("`", ""), flags).toBe(fallback);
      }
    },
  );
});

describe("README.md", () => {
  const rows = read("README.md").split("\n## Commands\n")[1]?.split("\n## ")[0] ?? "";
  const calls = [...rows.matchAll(/^\| (`.*`) \|/gm)].flatMap(([, cell = ""]) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, call = ""]) => call),
  );
  /** The longest name that a call begins with. */
  const commandOf = (call: string) =>
    commands
      .filter((command) => call === nameOf(command) || call.startsWith(`${nameOf(command)} `))
      .sort((a, b) => nameOf(b).length - nameOf(a).length)[0];

  it("names each command once, and nothing else", () => {
    const named = calls.map((call) => commandOf(call)?.usage ?? call);
    expect(named.sort()).toEqual(commands.map(({ usage }) => usage).sort());
  });

  it("shows options that the commands have", () => {
    const wrong = calls.filter((call) => {
      const known = commandOf(call)?.options.flatMap(({ flags }) => flagsIn(flags)) ?? [];
      return flagsIn(call).some((flag) => !known.includes(flag));
    });
    expect(wrong).toEqual([]);
  });
});

describe("docs/datasets.md", () => {
  const [, section = ""] = /\n## Input files\n([\s\S]*?)\n### /.exec(read("docs/datasets.md")) ?? [];

  it("has every ending of an input file, and no other", () => {
    const known = [...inputFormats, ...packings].flatMap(({ endings }) => endings);
    const named = [...section.matchAll(/`\.(\w+)`/g)].map(([, ending]) => ending);
    expect([...new Set(named)].sort()).toEqual(known.sort());
  });
});

describe("docs/troubleshooting.md", () => {
  const text = read("docs/troubleshooting.md");
  const kinds = Object.keys(errorCodes) as FailureKind[];

  it.each(kinds)("has every code of kind %s with its meaning, and no other", (kind) => {
    const section = text.split(`\n### Exit ${ExitCode[kind]}\n`)[1]?.split("\n### ")[0] ?? "";
    // Something to do stands beside each.
    const rows = [...section.matchAll(/^\| `(\w+)` \| (.+?) \| .+ \|$/gm)];
    expect(rows.map(([, code, meaning]) => [code, meaning])).toEqual(Object.entries(errorCodes[kind]));
  });

  it("has no heading for a code that is none", () => {
    const headings = [...text.matchAll(/^### ([a-z_]+(?:, [a-z_]+)*)/gm)];
    const named = headings
      .flatMap(([, codes = ""]) => codes.split(", "))
      .filter((code) => code.includes("_"));
    const known = kinds.flatMap((kind) => Object.keys(errorCodes[kind]));
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((code) => !known.includes(code))).toEqual([]);
  });
});

describe("outputs", () => {
  it.each(pages)("of %s have as many slots as a TaskManager has", (page) => {
    const slots = [...read(page).matchAll(/of (\d+) slots free/g)].map(([, n]) => n);
    expect(slots.filter((n) => n !== keys.TASK_SLOTS.default)).toEqual([]);
  });
});

describe("tables", () => {
  it.each(pages)("of %s have a head, and as many cells in each row", (page) => {
    // A table ends at a line that is no row of it: a row behind an empty line is shown as it is written.
    const tables = [...withoutCode(read(page)).matchAll(/^(?:\|.*\n)+/gm)].map(([table]) => table);
    const cellsOf = (row: string) =>
      row
        .replace(/\\\|/g, "")
        .replace(/`[^`]*`/g, "")
        .split("|").length;
    const broken = tables.filter((table) => {
      const rows = table.trimEnd().split("\n");
      return !/^\|( -+:? \|)+$/.test(rows[1] ?? "") || new Set(rows.map(cellsOf)).size > 1;
    });
    expect(broken).toEqual([]);
  });
});

describe("links", () => {
  it.each(pages)("of %s lead to a file, and to a heading in it", (page) => {
    const broken = linksOf(page).filter(({ file, anchor }) => {
      if (!existsSync(join(root, file))) return true;
      return anchor !== undefined && !anchorsOf(file).includes(anchor);
    });
    expect(broken.map(({ link }) => link)).toEqual([]);
  });

  it("are found", () => {
    expect(linksOf("docs/account.md").length).toBeGreaterThan(5);
    expect(anchorsOf("docs/architecture.md")).toContain("pipectlaccount-on-bronze");
  });
});

const withoutCode = (text: string) => text.replace(/^```[\s\S]*?^```/gm, "");

/** Links that stay within the project; the file is a path below the root. */
function linksOf(page: string): { link: string; file: string; anchor: string | undefined }[] {
  const text = withoutCode(read(page)).replace(/`[^`\n]*`/g, "");
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = ""]) => {
    if (/^[a-z]+:/.test(link)) return [];
    const [path = "", anchor] = link.split("#");
    return [{ link, file: path === "" ? page : join(dirname(page), path), anchor }];
  });
}

/** Anchors that GitHub gives to the headings of a page. */
function anchorsOf(page: string): string[] {
  const headings = [...withoutCode(read(page)).matchAll(/^#+ (.+)$/gm)];
  return headings.map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, "")
      .replaceAll(" ", "-"),
  );
}

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { commandGroups } from "../../src/commands/index.js";
import type { KeyDefinition } from "../../src/config/key.js";
import { keys } from "../../src/config/schema.js";
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

  it("has no key that is none", () => {
    const named = [...text.matchAll(/^\| `([A-Z0-9_]+)` \|/gm)].map(([, name]) => name);
    expect(named.sort()).toEqual(Object.keys(keys).sort());
  });
});

describe("docs/commands.md", () => {
  const sections = new Map(
    read("docs/commands.md")
      .split(/^### /m)
      .slice(1)
      .map((section) => [/^`([a-z -]+)`\n/.exec(section)?.[1] ?? section.split("\n")[0], section]),
  );
  const commands = commandGroups.flatMap((group) => group.commands);
  /** `dlq show` of `dlq show <n>`. */
  const nameOf = ({ usage }: { readonly usage: string }) => usage.replace(/ [<[].*/, "");

  it("has a section for each command, in the order of --help", () => {
    expect([...sections.keys()]).toEqual(commands.map(nameOf));
  });

  it.each(commands.map((command) => [nameOf(command), command] as const))(
    "%s: example and options",
    (name, command) => {
      const section = sections.get(name) ?? "";
      expect(section).toContain(`\n$ ${command.example.split("\n")[0]}\n`);
      for (const [flags] of command.options ?? []) {
        const long = /--[a-z-]+/.exec(flags)?.[0] as string;
        expect(section, flags).toMatch(new RegExp(`${long}[\` ]`));
      }
    },
  );
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

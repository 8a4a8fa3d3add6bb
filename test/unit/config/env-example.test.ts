import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "dotenv";
import { describe, expect, it } from "vitest";
import { envExample } from "../../../src/config/env-example.js";
import type { KeyDefinition } from "../../../src/config/key.js";
import { loadConfig } from "../../../src/config/load.js";
import { keys } from "../../../src/config/schema.js";
import { root } from "../../helpers/folder.js";

const text = readFileSync(join(root, ".env.example"), "utf8");

describe(".env.example", () => {
  it("is what the schema says (`vitest run --project unit -u` makes it anew)", async () => {
    await expect(envExample()).toMatchFileSnapshot(join(root, ".env.example"));
  });

  it("has every key with its default, after one line of documentation", () => {
    const definitions = Object.entries(keys) as [string, KeyDefinition][];
    expect(parse(text)).toEqual(
      Object.fromEntries(definitions.map(([name, { default: value }]) => [name, value])),
    );
    for (const [name, { doc, default: value }] of definitions)
      expect(text).toContain(`# ${doc}\n${name}=${value}\n`);
  });

  it("changes nothing when it is copied to .env", () => {
    const fromFile = loadConfig({ root, environment: {}, envFile: ".env.example" });
    const fromDefaults = loadConfig({ root, environment: {}, envFile: "test/helpers/empty.env" });
    expect(fromFile.values).toEqual(fromDefaults.values);
  });
});

describe("the table of keys", () => {
  it.each(Object.entries(keys) as [string, KeyDefinition][])(
    "%s has one line of documentation",
    (name, { doc, section }) => {
      expect(name).toMatch(/^[A-Z][A-Z0-9_]*$/);
      expect(doc).toMatch(/^\S[^\n]+\S$/);
      expect(section).not.toBe("");
    },
  );
});

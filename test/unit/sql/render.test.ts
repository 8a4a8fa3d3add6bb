import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { render } from "../../../src/sql/render.js";
import { splitStatements } from "../../../src/sql/statements.js";
import { root } from "../../helpers/folder.js";
import { problemOf } from "../../helpers/problem.js";

const write = (expression: string, x: unknown) => render("test", `{{${expression}}}`, { x });
const refusal = async (template: string, context: Record<string, unknown> = {}) => {
  const error = await problemOf(() => render("05_bronze", template, context));
  expect(error).toMatchObject({ code: "template_invalid", exitCode: 2 });
  expect(error.message).toMatch(/^templates\/05_bronze\.sql\.tmpl: /);
  return error.message;
};

describe("helpers", () => {
  it.each([
    ["str x", "taxi.raw_trips", "'taxi.raw_trips'"],
    ["str x", "", "''"],
    ["str x", 3, "'3'"],
    ["str x", "it's", "'it''s'"],
    ["str x", '<é & "ü">', "'<é & \"ü\">'"],
    ["ident x", "VendorID", "`VendorID`"],
    ["ident x", "a`b", "`a``b`"],
    ["table x", { namespace: "bronze", table: "raw_trips" }, "`lake`.`bronze`.`raw_trips`"],
    ["table x", { namespace: "b`r", table: "t" }, "`lake`.`b``r`.`t`"],
    ["int x", 0, "0"],
    ["int x", -1, "-1"],
    ["int x", Number.MAX_SAFE_INTEGER, "9007199254740991"],
    ["date x", "2019-01-31", "DATE '2019-01-31'"],
    ["raw x", "CAST(a AS INT) > 0", "CAST(a AS INT) > 0"],
  ])("{{%s}} writes %j as %s", (expression, value, sql) => {
    expect(write(expression, value)).toBe(sql);
  });

  it.each([
    ["int x", "1"],
    ["int x", 1.5],
    ["int x", Number.NaN],
    ["int x", 2 ** 53],
    ["int x", "1; DROP TABLE t"],
    ["date x", "2019-1-1"],
    ["date x", "2019-01-01' OR '1'='1"],
    ["date x", "2019-01-01\n"],
    ["str x", null],
    ["str x", {}],
    ["str x", ["a"]],
    ["str x", true],
    ["ident x", undefined],
    ["raw x", null],
    ["table x", null],
    ["table x", { namespace: "bronze" }],
    ["table x", "bronze.raw_trips"],
  ])("{{%s}} refuses %j", async (expression, x) => {
    await refusal(`{{${expression}}}`, { x });
  });

  const attacks = [
    "'; DROP TABLE t; --",
    "''; DROP TABLE t; --",
    "\\'; DROP TABLE t; --",
    "`; DROP TABLE t; --",
    "``; DROP TABLE t; --",
    "*/ DROP TABLE t; /*",
    "a\n; DROP TABLE t;\n--",
    "{{raw x}}",
  ];
  it.each(attacks)("lets %j through as a value only", (attack) => {
    const sql = render("test", "SELECT {{str x}} AS {{ident x}} FROM {{table t}};", {
      x: attack,
      t: { namespace: attack, table: attack },
    });
    const statements = splitStatements("test", sql);
    expect(statements).toHaveLength(1);
    // What is left when literals and quoted identifiers are taken out is what the template says.
    expect(sql.replace(/'(?:[^']|'')*'|`(?:[^`]|``)*`/g, "X")).toBe("SELECT X AS X FROM X.X.X;");
  });
});

describe("render", () => {
  it("names the template and the value that is not there", async () => {
    expect(await refusal("{{str missing}}")).toContain("no value given");
    expect(await refusal("\n\n{{raw source.missing}}", { source: {} })).toMatch(/missing|no value given/);
    expect(await refusal("{{missing}}")).toContain('"missing" not defined');
  });

  it.each(["if", "unless", "each"])("refuses an unknown value in {{#%s}}, too", async (block) => {
    expect(await refusal(`{{#${block} missing}}x{{/${block}}}`)).toContain("a value that nobody gives");
  });

  it.each(["{{#if x}}", "{{str x", "{{unknownHelper x}}", "{{> absent}}"])(
    "refuses the template %s",
    async (template) => {
      await refusal(template, { x: 1 });
    },
  );

  it("reads partials with the same helpers, and writes \\n line ends", () => {
    expect(render("a", "{{> part}}\r\n", { x: "it's" }, { part: "{{str x}}\r\n" })).toBe("'it''s'\n");
  });

  it("does not see what objects inherit", async () => {
    await refusal("{{raw constructor}}");
    await refusal("{{raw x.__proto__}}", { x: {} });
  });
});

describe("templates/", () => {
  const folder = join(root, "templates");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".tmpl"),
  );

  it("are found", () => {
    expect(files.length).toBeGreaterThanOrEqual(6);
  });

  it.each(files)("%s puts no value into SQL without a helper", (name) => {
    const text = readFileSync(join(folder, name), "utf8");
    const expressions = [...text.matchAll(/\{\{\{?(.*?)\}\}/g)].map(([, inside]) =>
      (inside as string).trim(),
    );
    const allowed = [
      /^(str|ident|table|int|date|raw) [\w.@]+$/,
      /^#(if|unless|each) [\w.@]+$/,
      /^\/(if|unless|each)$/,
      /^else$/,
      /^> [a-z_]+( [a-z]+=[\w.]+)?$/,
    ];
    expect(expressions.filter((expression) => !allowed.some((form) => form.test(expression)))).toEqual([]);
    expect(text).not.toContain("{{{");
  });
});

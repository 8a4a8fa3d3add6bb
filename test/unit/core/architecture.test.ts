import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { root } from "../../helpers/folder.js";

const source = join(root, "src");
const services = ["sql", "dataset", "runtime", "flink", "kafka", "iceberg"];

/** Which folders (or files of src) each may use at run time; a folder may always use itself. Types may come from anywhere. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  "cli.ts": ["core"],
  "main.ts": ["commands", "config", "ui", "pipeline", "core"],
  commands: ["pipeline", "config", "ui", "core"],
  pipeline: [...services, "core"],
  ...Object.fromEntries(services.map((name) => [name, ["core"]])),
  config: ["core"],
  ui: ["core"],
  core: [],
};

interface Use {
  /** Path below src. */
  readonly file: string;
  /** Path below src, or the name of a package. */
  readonly target: string;
}

/** What a file uses at run time: packages and files that it imports by value, and globals that it names. */
function usesOf(file: string): { imports: Use[]; globals: string[] } {
  const tree = ts.createSourceFile(
    file,
    readFileSync(join(source, file), "utf8"),
    ts.ScriptTarget.ES2023,
    true,
  );
  const imports: Use[] = [];
  const globals: string[] = [];
  const add = (specifier: ts.Expression | undefined) => {
    if (specifier === undefined || !ts.isStringLiteral(specifier))
      throw new Error(`${file}: an import of a computed name`);
    const { text } = specifier;
    const target = text.startsWith(".") ? normalize(join(dirname(file), text)).replace(/\.js$/, ".ts") : text;
    imports.push({ file, target });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && !typesOnly(node.importClause)) add(node.moduleSpecifier);
    if (ts.isExportDeclaration(node) && node.moduleSpecifier && !node.isTypeOnly) add(node.moduleSpecifier);
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0]);
    if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression)) {
      globals.push(node.expression.text, `${node.expression.text}.${node.name.text}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return { imports, globals };
}

function typesOnly(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.isTypeOnly) return true;
  const { name, namedBindings } = clause;
  if (name !== undefined || namedBindings === undefined || !ts.isNamedImports(namedBindings)) return false;
  return namedBindings.elements.every((element) => element.isTypeOnly);
}

const files = readdirSync(source, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .sort();
const uses = new Map(files.map((file) => [file, usesOf(file)]));
const partOf = (file: string) => file.split("/")[0] as string;
const usersOf = (found: (use: { imports: Use[]; globals: string[] }) => boolean) =>
  [...uses].filter(([, use]) => found(use)).map(([file]) => file);
const importersOf = (...packages: string[]) =>
  usersOf(({ imports }) => imports.some(({ target }) => packages.includes(target)));
const usersOfGlobal = (name: string) => usersOf(({ globals }) => globals.includes(name));

describe("folders of src", () => {
  it("are all in the rule", () => {
    expect([...new Set(files.map(partOf))].sort()).toEqual(Object.keys(allowed).sort());
  });

  it.each(Object.entries(allowed))("%s uses only what lies below it", (part, below) => {
    const own = files
      .filter((file) => partOf(file) === part)
      .flatMap((file) => uses.get(file)?.imports ?? []);
    const inside = own.filter(({ target }) => target.endsWith(".ts"));
    const wrong = inside.filter(({ target }) => partOf(target) !== part && !below.includes(partOf(target)));
    expect(wrong.map(({ file, target }) => `${file} imports ${target}`)).toEqual([]);
    for (const { file, target } of inside) expect(files, `${file} imports ${target}`).toContain(target);
  });
});

describe("the outside world", () => {
  it.each([
    ["programs", ["execa", "node:child_process", "child_process"], ["core/exec.ts"]],
    ["HTTP", ["undici", "node:http", "node:https"], ["core/forward.ts", "core/http.ts"]],
    [
      "Kafka",
      [
        "kafkajs",
        "kafkajs/src/consumer/batch.js",
        "kafkajs/src/protocol/decoder.js",
        "kafkajs/src/protocol/encoder.js",
        "kafkajs/src/protocol/error.js",
        "kafkajs/src/protocol/requests/produce/index.js",
      ],
      ["kafka/client.ts", "kafka/metadata.ts", "kafka/producer.ts", "kafka/read-partition.ts"],
    ],
    ["templates", ["handlebars"], ["sql/render.ts"]],
  ])("%s: one place imports it", (_what, packages, users) => {
    expect(importersOf(...packages)).toEqual(users);
  });

  it("the environment and the standard streams come in at one place", () => {
    expect(
      usersOfGlobal("process.env").filter((file) => !["config/load.ts", "cli.ts"].includes(file)),
    ).toEqual([]);
    for (const stream of ["process.stdin", "process.stdout", "process.stderr", "process.argv"]) {
      expect(usersOfGlobal(stream)).toEqual(["cli.ts"]);
    }
  });

  it("only main and cli end the process", () => {
    expect(usersOfGlobal("process.exit").filter((file) => !["main.ts", "cli.ts"].includes(file))).toEqual([]);
  });

  it("nothing prints by itself", () => {
    expect(usersOfGlobal("console")).toEqual([]);
  });
});

it("sees what it is meant to see", () => {
  // Were the reader of imports to find nothing, every rule above would hold.
  expect(uses.get("cli.ts")?.imports.map(({ target }) => target)).toContain("core/code-cache.ts");
  expect(uses.get("cli.ts")?.globals).toContain("process.env");
  expect(uses.get("commands/stack.ts")?.imports.map(({ target }) => target)).toContain("pipeline/stack.ts");
  expect(uses.get("sql/render.ts")?.imports.map(({ target }) => target)).toContain("core/errors.ts");
});

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { root } from "../../helpers/folder.js";

const source = join(root, "src");
/** The rooms of services: one outside world each. Of each other they know what stands here, and no more. */
const services = ["sql", "dataset", "kafka", "flink", "iceberg", "config", "runtime", "runtime/choose.ts"];
const workspace = [...services, "core"];
const lake = ["workspace", ...workspace];
const execution = ["lake", ...lake];
const ledger = ["execution", ...execution];
/** What every use case may use. */
const useCase = ["ledger", ...ledger];
const useCases = [
  ...["batch", "dataset", "dbt", "dead-letters", "evolve", "ingest", "lag", "maintain", "marts", "quality"],
  ...["repair", "sql", "stack", "stream", "topic", "tour", "validate"],
].map((name) => `pipeline/${name}`);

/**
 * What each room may use, values and types; itself, always. A room is a folder of src, or a file beside the folders; below
 * `pipeline` and `runtime` each folder is one. A path that ends in `.ts` is a door: that file, and no other of its room.
 */
const allowed: Readonly<Record<string, readonly string[]>> = {
  "cli.ts": ["main.ts", "core"],
  "main.ts": ["commands", "ui", "workspace", "config", "core"],
  commands: [
    ...["ui", ...useCases, "execution", "lake", "workspace", "config", "core"],
    "dataset/formats/input-formats.ts",
  ],
  ui: [...useCases, "execution", "dataset", "config", "core"],
  "pipeline/tour": [
    "pipeline/batch",
    "pipeline/lag",
    "pipeline/stack",
    "pipeline/topic",
    "pipeline/validate",
    ...useCase,
  ],
  "pipeline/batch": [
    ...["bronze", "silver"].map((file) => `pipeline/ingest/${file}.ts`),
    ...["make", "make-all", "mart"].map((file) => `pipeline/marts/${file}.ts`),
    "pipeline/stream/continuous-silver.ts",
    ...useCase,
  ],
  "pipeline/stack": ["pipeline/stream/stop.ts", ...useCase],
  "pipeline/maintain": ["pipeline/stream/continuous-silver.ts", "pipeline/stream/start.ts", ...useCase],
  "pipeline/dbt": ["pipeline/dataset/datasets.ts", "pipeline/marts/mart.ts", ...useCase],
  "pipeline/dataset": [
    "pipeline/evolve/diff.ts",
    "pipeline/marts/mart.ts",
    "pipeline/topic/topics.ts",
    ...useCase,
  ],
  "pipeline/evolve": [
    "pipeline/ingest/rewrite-landed.ts",
    "pipeline/marts/mart.ts",
    "pipeline/stream/while-stopped.ts",
    ...useCase,
  ],
  "pipeline/validate": [
    ...["acceptances", "count-dead-letters"].map((file) => `pipeline/dead-letters/${file}.ts`),
    ...["health", "maintenance-job", "silver-position", "silver-reach"].map(
      (file) => `pipeline/maintain/${file}.ts`,
    ),
    "pipeline/marts/behind.ts",
    ...["check-rules", "rules-verdict"].map((file) => `pipeline/quality/${file}.ts`),
    ...useCase,
  ],
  "pipeline/dead-letters": [
    "pipeline/ingest/rewrite-landed.ts",
    "pipeline/stream/while-stopped.ts",
    ...useCase,
  ],
  "pipeline/stream": ["pipeline/ingest/bronze.ts", "pipeline/ingest/silver.ts", ...useCase],
  "pipeline/ingest": ["pipeline/quality/gate.ts", ...useCase],
  "pipeline/repair": [
    "pipeline/batch/process.ts",
    ...["maintenance-job", "repair"].map((file) => `pipeline/maintain/${file}.ts`),
    ...["continuous-silver", "start"].map((file) => `pipeline/stream/${file}.ts`),
    ...useCase,
  ],
  "pipeline/sql": ["pipeline/marts/mart.ts", ...useCase],
  "pipeline/lag": useCase,
  "pipeline/marts": useCase,
  "pipeline/quality": useCase,
  "pipeline/topic": useCase,
  ledger,
  execution,
  lake,
  workspace,
  "runtime/choose.ts": ["runtime/local", "runtime/docker", "runtime/remote", "runtime", "config", "core"],
  "runtime/remote": ["runtime/jvm", "runtime", "kafka", "config", "core"],
  "runtime/docker": ["runtime/jvm", "runtime", "config", "core"],
  "runtime/local": ["runtime/jvm", "runtime", "config", "core"],
  "runtime/jvm": ["config", "core"],
  runtime: ["iceberg", "kafka", "config", "core"],
  iceberg: ["dataset", "core"],
  dataset: ["core"],
  kafka: ["core"],
  flink: ["core"],
  sql: ["core"],
  config: ["core"],
  core: [],
};

/** Lines that a room may have: what is larger holds a second idea. `dataset` reads seven formats and guesses an eighth. */
const mostLines = 3_000;

interface Use {
  /** Path below src. */
  readonly file: string;
  /** Path below src, or the name of a package. */
  readonly target: string;
}

interface Uses {
  /** Imports by value: what a file uses at run time. */
  readonly imports: Use[];
  /** Imports of types alone. */
  readonly types: Use[];
  /** Globals that it names. */
  readonly globals: string[];
}

function usesOf(file: string): Uses {
  const tree = ts.createSourceFile(
    file,
    readFileSync(join(source, file), "utf8"),
    ts.ScriptTarget.ES2023,
    true,
  );
  const imports: Use[] = [];
  const types: Use[] = [];
  const globals: string[] = [];
  const add = (specifier: ts.Expression | undefined, isType = false) => {
    if (specifier === undefined || !ts.isStringLiteral(specifier))
      throw new Error(`${file}: an import of a computed name`);
    const { text } = specifier;
    const target = text.startsWith(".") ? normalize(join(dirname(file), text)).replace(/\.js$/, ".ts") : text;
    (isType ? types : imports).push({ file, target });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, typesOnly(node.importClause));
    if (ts.isExportDeclaration(node) && node.moduleSpecifier) add(node.moduleSpecifier, node.isTypeOnly);
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      add(node.argument.literal as ts.Expression, true);
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0]);
    if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression)) {
      globals.push(node.expression.text, `${node.expression.text}.${node.name.text}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return { imports, types, globals };
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
const usersOf = (found: (use: Uses) => boolean) =>
  [...uses].filter(([, use]) => found(use)).map(([file]) => file);
const importersOf = (...packages: string[]) =>
  usersOf(({ imports }) => imports.some(({ target }) => packages.includes(target)));
const usersOfGlobal = (name: string) => usersOf(({ globals }) => globals.includes(name));

/** The room of a file: the longest entry of the table that its path begins with. */
function roomOf(file: string): string {
  const rooms = Object.keys(allowed).filter((name) => file === name || file.startsWith(`${name}/`));
  return rooms.sort((a, b) => b.length - a.length)[0] ?? "";
}
/** Imports of other files of src, values and types, by file. */
const within = new Map(
  [...uses].map(([file, { imports, types }]) => [
    file,
    [...imports, ...types].filter(({ target }) => target.endsWith(".ts")),
  ]),
);

/** Files that import each other, however long the way round is. */
function circles(arrows: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const found: string[] = [];
  const walk = (file: string, path: readonly string[]) => {
    if (path.includes(file)) found.push([...path.slice(path.indexOf(file)), file].join(" -> "));
    if (path.includes(file) || done.has(file)) return;
    for (const target of arrows.get(file) ?? []) walk(target, [...path, file]);
    done.add(file);
  };
  for (const file of arrows.keys()) walk(file, []);
  return found;
}

describe("rooms of src", () => {
  it("are all in the table, and none is empty", () => {
    const nested = ["pipeline", "runtime"];
    const wanted = (file: string) => {
      const [first = "", second = ""] = file.split("/");
      // A file at the root of `pipeline` has no room; `runtime` itself is one.
      if (!nested.includes(first)) return first;
      return first === "runtime" && second.endsWith(".ts") ? roomOf(file) : `${first}/${second}`;
    };
    expect([...new Set(files.map(wanted))].sort()).toEqual(Object.keys(allowed).sort());
  });

  it.each(Object.entries(allowed))("%s uses only what lies below it, values and types", (room, below) => {
    const own = files.filter((file) => roomOf(file) === room).flatMap((file) => within.get(file) ?? []);
    for (const { file, target } of own) expect(files, `${file} imports ${target}`).toContain(target);
    const wrong = own.filter(
      ({ target }) => roomOf(target) !== room && !below.includes(roomOf(target)) && !below.includes(target),
    );
    expect(wrong.map(({ file, target }) => `${file} imports ${target}`)).toEqual([]);
  });

  it("have no circle of files", () => {
    const arrows = new Map([...within].map(([file, found]) => [file, found.map(({ target }) => target)]));
    expect(circles(arrows)).toEqual([]);
  });

  it("have no circle of rooms in the table itself, and no door that is closed", () => {
    const room = (name: string) => (name.endsWith(".ts") ? roomOf(name) : name);
    const arrows = new Map(Object.entries(allowed).map(([name, below]) => [name, below.map(room)]));
    expect(circles(arrows)).toEqual([]);
    for (const [name, below] of Object.entries(allowed)) {
      for (const door of below.filter((one) => one.startsWith("pipeline/") && one.endsWith(".ts"))) {
        const users = files.filter((file) => roomOf(file) === name);
        const used = users.some((file) => within.get(file)?.some(({ target }) => target === door));
        expect(used, `${name} has a door to ${door}, which it does not use`).toBe(true);
      }
    }
  });

  it("are small enough to be one idea", () => {
    const lines = new Map<string, number>();
    for (const file of files) {
      const count = readFileSync(join(source, file), "utf8").split("\n").length - 1;
      lines.set(roomOf(file), (lines.get(roomOf(file)) ?? 0) + count);
    }
    const large = [...lines].filter(([room, count]) => count > mostLines && room !== "dataset");
    expect(large).toEqual([]);
  });
});

describe("docs/architecture.md", () => {
  const text = readFileSync(join(root, "docs", "architecture.md"), "utf8");

  it("has a row for each room, and draws each use case", () => {
    const [section = ""] = text.split("### Rooms of `src`")[1]?.split("\nEach part") ?? [];
    const rows = [...section.matchAll(/^\| `([a-z.]+)(?:\/[^`]*)?` \| /gm)].map(([, room]) => room);
    expect(rows.sort()).toEqual([...new Set(files.map((file) => file.split("/")[0]))].sort());
    const [picture = ""] = text.split("```")[1]?.split("```") ?? [];
    for (const name of useCases)
      expect(picture).toMatch(new RegExp(`\\b${name.slice("pipeline/".length)}\\b`));
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
        "kafkajs/src/protocol/decoder.js",
        "kafkajs/src/protocol/encoder.js",
        "kafkajs/src/protocol/error.js",
        "kafkajs/src/protocol/requests/fetch/index.js",
        "kafkajs/src/protocol/requests/produce/index.js",
      ],
      [
        "kafka/client.ts",
        "kafka/fetch.ts",
        "kafka/metadata.ts",
        "kafka/producer.ts",
        "kafka/transactions.ts",
      ],
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
  expect(uses.get("commands/stack.ts")?.imports.map(({ target }) => target)).toContain(
    "pipeline/stack/stack.ts",
  );
  expect(uses.get("ledger/plan.ts")?.types.map(({ target }) => target)).toContain("kafka/offsets.ts");
  expect(roomOf("runtime/jvm/java.ts")).toBe("runtime/jvm");
  expect(
    circles(
      new Map([
        ["a", ["b"]],
        ["b", ["c"]],
        ["c", ["b"]],
      ]),
    ),
  ).toEqual(["b -> c -> b"]);
  expect(uses.get("sql/render.ts")?.imports.map(({ target }) => target)).toContain("core/errors.ts");
});

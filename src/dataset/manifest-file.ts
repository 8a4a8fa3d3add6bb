import { readFileSync, statSync } from "node:fs";
import { type Document, isAlias, isMap, isNode, isScalar, LineCounter, parseDocument } from "yaml";
import { messageOf, usage } from "../core/errors.js";

/** A path in the manifest, as zod reports it: keys and list indexes from the root. */
export type Path = readonly PropertyKey[];

export interface Problem {
  readonly path: Path;
  readonly message: string;
  /** The key itself is wrong, not its value: point at the key. */
  readonly key?: string;
}

/** A parsed YAML file that knows the line of each value. */
export interface ManifestFile {
  readonly path: string;
  readonly text: string;
  readonly content: unknown;
  /** Of a place, from 1. */
  line(path: Path): number;
  /** How a text is written: from its first character to behind its last one. Undefined where no one text stands there. */
  scalar(path: Path): WrittenScalar | undefined;
  /** One usage error with a `file:line: place: message` for each problem, in the order of the file. */
  error(problems: readonly Problem[]): Error;
}

export interface WrittenScalar {
  readonly path: Path;
  /** Characters of the file. */
  readonly start: number;
  readonly end: number;
  readonly isSingleQuoted: boolean;
}

const maxBytes = 8 * 1024 * 1024;

/**
 * Reads a YAML file.
 *
 * @throws usage error `manifest_unreadable` or `manifest_invalid`, with every YAML error and its line
 */
export function readManifestFile(path: string): ManifestFile {
  let text: string;
  try {
    const { size } = statSync(path);
    if (size > maxBytes) throw new Error(`it has ${size} bytes, more than any manifest`);
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw usage("manifest_unreadable", `cannot read the dataset manifest ${path}: ${messageOf(cause)}`, {
      cause,
    });
  }
  return manifestOf(path, text);
}

/** The same of a text that is already read. */
export function manifestOf(path: string, text: string): ManifestFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    throw invalid(
      path,
      document.errors.map((error) => ({ line: lines.linePos(error.pos[0]).line, text: error.message })),
    );
  }
  const lineOf = (problem: Pick<Problem, "path" | "key">) => lines.linePos(offsetOf(document, problem)).line;
  return {
    path,
    text,
    content: contentOf(document, path),
    line: (place) => lineOf({ path: place }),
    scalar: (place) => scalarAt(document, place),
    error: (problems) =>
      invalid(
        path,
        problems.map((problem) => ({
          line: lineOf(problem),
          text: `${place(problem.path)}${problem.message}`,
        })),
      ),
  };
}

/** @throws usage error `manifest_invalid` for aliases that stand for more than a manifest ever needs */
function contentOf(document: Document, path: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw invalid(path, [{ line: 1, text: messageOf(error) }]);
  }
}

function invalid(path: string, problems: readonly { line: number; text: string }[]): Error {
  const sorted = [...problems].sort((a, b) => a.line - b.line);
  const list = sorted.map(({ line, text }) => `  ${path}:${line}: ${text}`).join("\n");
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return usage("manifest_invalid", `the dataset manifest ${path} has ${count}:\n${list}`, {
    hint: "Every key is explained by the comments of datasets/taxi.yml.",
  });
}

/** `columns[3].type: `, or nothing for the document itself. */
const place = (path: Path) => {
  const text = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`)).join("");
  return text === "" ? "" : `${text.replace(/^\./, "")}: `;
};

function scalarAt(document: Document, path: Path): WrittenScalar | undefined {
  const found = document.getIn(path, true);
  const node = isAlias(found) ? found.resolve(document) : found;
  if (!isScalar(node) || !node.range) return undefined;
  const [start, end] = node.range;
  return { path, start, end, isSingleQuoted: node.type === "QUOTE_SINGLE" };
}

/** The position of a value; for a missing one, the position of the nearest enclosing value. */
function offsetOf(document: Document, { path, key }: Pick<Problem, "path" | "key">): number {
  for (let length = path.length; length >= 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (!isNode(node) || !node.range) continue;
    if (key !== undefined && length === path.length && isMap(node)) {
      const pair = node.items.find((item) => String(item.key) === key);
      if (isNode(pair?.key) && pair.key.range) return pair.key.range[0];
    }
    return node.range[0];
  }
  return 0;
}

import { isDeepStrictEqual } from "node:util";
import { failed } from "../core/errors.js";
import { type Renamed, renamedAt, underNamesOfNow } from "./former-names.js";
import { type ManifestFile, manifestOf, type Path, readManifestFile } from "./manifest-file.js";

/**
 * The text of a manifest under the names of now. Nothing else of it changes: comments, order and quotes stay.
 *
 * @returns undefined where it has no other names
 * @throws PipectlError (failed) `manifest_not_rewritten` where a name stands in a way that no text can be put for, with its lines
 */
export function manifestUnderNamesOfNow(path: string): string | undefined {
  const file = readManifestFile(path);
  const renamed = underNamesOfNow(file.content);
  if (renamed.former.length === 0) return undefined;
  const text = rewritten(file, renamed);
  if (isDeepStrictEqual(manifestOf(path, text).content, renamed.content)) return text;
  const lines = renamed.former.map((one) => `${path}:${file.line(one)}`);
  throw failed(
    "manifest_not_rewritten",
    `${path} cannot be rewritten: change it by hand: ${lines.join(", ")}`,
    {
      hint: "nothing was written; the old name still works",
    },
  );
}

function rewritten({ text, scalar }: ManifestFile, { former }: Renamed): string {
  const places = former.flatMap((path) => scalar(path) ?? []);
  // From the end on, so that what is in front keeps its place; an anchor is one place however often it is named.
  const later = [...new Map(places.map((one) => [one.start, one])).values()].sort(
    (a, b) => b.start - a.start,
  );
  return later.reduce((rest, { start, end, path, isSingleQuoted }) => {
    const written = rest.slice(start, end);
    const now = isSingleQuoted ? inSingleQuotes(written, path) : inPlace(written, path);
    return rest.slice(0, start) + now + rest.slice(end);
  }, text);
}

/** YAML doubles the quotes of SQL within its own. */
function inSingleQuotes(written: string, path: Path): string {
  const sql = written.slice(1, -1).replaceAll("''", "'");
  return `'${renamedAt(sql, path).replaceAll("'", "''")}'`;
}

function inPlace(written: string, path: Path): string {
  const [, quote = "", inner = written] = /^(")([\s\S]*)"$/.exec(written) ?? [];
  return `${quote}${renamedAt(inner, path)}${quote}`;
}

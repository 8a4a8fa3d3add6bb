import { historyOf, type Kept } from "./history.js";
import type { TableField } from "./types.js";

type Texts = Readonly<Record<string, string>>;

/** What is compared of a table that was loaded after a commit; undefined when it is not there. */
type Now = (Kept & { readonly refs: Texts; readonly properties: Texts }) | undefined;

/** What a commit was to do. */
interface Wanted {
  readonly assertRefs: Readonly<Record<string, string | null>>;
  readonly setRefs?: Texts;
  readonly removeRefs?: readonly string[];
  readonly setProperties?: Texts;
}

/**
 * True when a table shows that a change was made. A commit is made as a whole, so what somebody else has committed on top of it
 * does not hide it.
 */
export function showsCommit(wanted: Wanted, now: Now): boolean {
  if (now === undefined) return false;
  const { assertRefs, setRefs = {}, removeRefs = [], setProperties = {} } = wanted;
  const moved = Object.entries(setRefs);
  if (!moved.every(([ref, target]) => isThere(now, ref, target, assertRefs[ref]))) return false;
  const [main, target] = [now.refs.main, setRefs.main];
  if (target !== undefined && target !== main) return true;
  return (
    removeRefs.every((ref) => ref in setRefs || now.refs[ref] === undefined) &&
    Object.entries(setProperties).every(([key, value]) => now.properties[key] === value)
  );
}

/** True when a branch is where it was to go, or further on. What it was set back to was in its history before, too. */
function isThere(
  now: NonNullable<Now>,
  ref: string,
  target: string,
  from: string | null | undefined,
): boolean {
  if (now.refs[ref] === target) return true;
  return from !== undefined && !historyOf(now, from).has(target) && historyOf(now, now.refs[ref]).has(target);
}

/** True when a table shows that its columns were changed, and nothing else has happened to them since. */
export function showsColumns(
  { fields, setProperties }: { readonly fields: readonly TableField[]; readonly setProperties: Texts },
  now:
    | { readonly schema: { readonly fields: readonly TableField[] }; readonly properties: Texts }
    | undefined,
): boolean {
  return (
    now !== undefined &&
    sorted(now.schema.fields) === sorted(fields) &&
    Object.entries(setProperties).every(([key, value]) => now.properties[key] === value)
  );
}

/** A text that is the same for the same values, in whatever order a catalog writes the parts of an object. */
const sorted = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );

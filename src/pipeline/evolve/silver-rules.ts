import type { Dataset } from "../../dataset/types.js";
import type { Change } from "../../iceberg/evolve.js";
import type { Tables } from "../../lake/tables.js";
import { readableSilver, rulesFor, type SilverRules, type SilverState } from "../../ledger/silver-state.js";

/**
 * Silver's state under the manifest's rules. It takes the new rules if they make the same rows of bronze: for new columns that
 * have no values in bronze yet, and for wider types of columns that silver copies unchanged. In all other cases it has no
 * rules, so that silver is rebuilt. Undefined when silver has no state.
 *
 * @param inBronze the changes of bronze in the same call
 */
export function stateAfter(
  { silver }: Pick<Tables, "silver">,
  inBronze: readonly Change[],
  dataset: Dataset,
): SilverState | undefined {
  const state = readableSilver(silver);
  if (state === undefined) return undefined;
  const next = rulesFor(dataset);
  const same =
    !isComputedFrom(widened(inBronze), dataset) &&
    (state.rules === next.rules ||
      (state.made !== undefined && sameRows(state.made, next.made, changedColumns(inBronze, dataset))));
  return same ? { ...state, ...next } : { ...state, rules: "" };
}

/** The column of bronze that a change applies to, or that contains the changed field. */
const columnOf = ({ column }: Change, dataset: Dataset) =>
  dataset.columns.find(
    ({ name }) => column === name || (column.startsWith(name) && ".[{".includes(column.charAt(name.length))),
  );

const widened = (changes: readonly Change[]) => changes.filter(({ change }) => change === "widened");

/**
 * `amount * 100000` overflows for an INT and not for a BIGINT, so old rows would change. Names within literals count as
 * columns, too.
 */
function isComputedFrom(changes: readonly Change[], dataset: Dataset): boolean {
  const { filters, partitionBy, derived } = dataset.silver;
  const computed = [...filters, partitionBy.expr, ...derived.map(({ expr }) => expr)];
  return changes.some((one) => {
    const name = columnOf(one, dataset)?.name;
    return name !== undefined && computed.some((expr) => expr.includes(name.replaceAll("`", "``")));
  });
}

/** The columns, by silver's names, that are new in bronze, and those whose type changes there. */
function changedColumns(inBronze: readonly Change[], dataset: Dataset) {
  const silverNames = (changes: readonly Change[]) =>
    new Set(changes.map((one) => columnOf(one, dataset)?.silver ?? ""));
  const added = inBronze.filter(({ change }) => change === "added");
  return {
    added: silverNames(added.filter((one) => one.column === columnOf(one, dataset)?.name)),
    retyped: silverNames([...added, ...widened(inBronze)]),
  };
}

function sameRows(
  before: SilverRules,
  after: SilverRules,
  { added, retyped }: ReturnType<typeof changedColumns>,
): boolean {
  const old = new Map(before.columns.map(([name, type, expr]) => [name, { type, expr }]));
  const same = (key: "filters" | "naturalKey") => JSON.stringify(before[key]) === JSON.stringify(after[key]);
  return (
    same("filters") &&
    same("naturalKey") &&
    before.wins === after.wins &&
    before.columns.every(([name]) => after.columns.some(([now]) => now === name)) &&
    after.columns.every(([name, type, expr]) => {
      const was = old.get(name);
      if (was === undefined) return added.has(name);
      return was.expr === expr && (was.type === type || (retyped.has(name) && !isComputed(expr)));
    })
  );
}

/** False for a plain column of bronze, where a wider type changes no value. The result of an expression may change. */
const isComputed = (expr: string) => !/^`(?:[^`]|``)+`$/.test(expr);

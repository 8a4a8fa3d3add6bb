import type { Dataset } from "../../dataset/types.js";
import type { Change } from "../../iceberg/evolve.js";
import { recordedSilver, rulesFor, type SilverRules, type SilverState } from "../silver-state.js";
import type { Tables } from "../tables.js";

/**
 * Silver's state under the manifest's rules, where its rows are already what those rules make of bronze: columns that no row
 * of bronze has a value for yet, and wider types. Undefined where silver is to be made anew.
 *
 * @param inBronze what bronze becomes, in the same change
 */
export function carriedOver(
  { silver }: Pick<Tables, "silver">,
  inBronze: readonly Change[],
  dataset: Dataset,
): SilverState | undefined {
  const state = recordedSilver(silver);
  const next = rulesFor(dataset);
  if (state?.rules === next.rules) return { ...state, ...next };
  if (state?.made === undefined) return undefined;
  return sameRows(state.made, next.made, newColumns(inBronze, dataset)) ? { ...state, ...next } : undefined;
}

/** In SQL, as silver's columns name them: those that are new in bronze. */
function newColumns(inBronze: readonly Change[], dataset: Dataset): ReadonlySet<string> {
  const added = new Set(inBronze.filter(({ change }) => change === "added").map(({ column }) => column));
  return new Set(dataset.columns.filter(({ name }) => added.has(name)).map(({ silver }) => silver ?? ""));
}

function sameRows(before: SilverRules, after: SilverRules, added: ReadonlySet<string>): boolean {
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
      return was.expr === expr && (was.type === type || !isComputed(expr));
    })
  );
}

/** A column of bronze as it is, whose wider type changes no value; an expression may come out otherwise. */
const isComputed = (expr: string) => !/^`(?:[^`]|``)+`$/.test(expr);

import { PipectlError } from "../../core/errors.js";
import { plural } from "../../core/format.js";
import type { Verdict } from "../../core/verdict.js";
import { argumentsOf, callsOf, tolerant } from "../../dataset/sql-calls.js";
import type { Dataset } from "../../dataset/types.js";
import { query } from "../../execution/query.js";
import { rowsOf } from "../../lake/former-names.js";
import { asOf } from "../../lake/read-options.js";
import { silverCondition } from "../../lake/silver-columns.js";
import { loadTables } from "../../lake/tables.js";
import type { StageContext } from "./stage-check.js";

/** A call that Flink may read a text by as another day than it says. */
interface Lenient {
  readonly column: string;
  readonly call: string;
  readonly text: string;
  /** True for a row whose text is not what the call makes of it. */
  readonly differs: string;
}

/** Numbers without leading zeros, so that 1.2.2026 is 01.02.2026. */
const plain = (sql: string) => `LOWER(REGEXP_REPLACE(${sql}, '(?<![0-9])0+(?=[0-9])', ''))`;

/**
 * The calls of a dataset's expressions that do not fail for a day that does not exist: TO_DATE('31.02.2026', 'dd.MM.yyyy') is 3 March, and
 * CAST('2026-02-31' AS TIMESTAMP) is 28 February. Pure.
 */
export function lenientCalls({ silver }: Dataset): Lenient[] {
  return [silver.partitionBy, ...silver.derived].flatMap(({ name: column, expr }) =>
    callsOf(expr, ["TO_DATE", "TO_TIMESTAMP", "CAST", "TRY_CAST"]).flatMap((one) => {
      const call = `${one.name}(${one.inside})`;
      const asTime = /^([\s\S]*\S)\s+AS\s+TIMESTAMP(?:_LTZ)?(?:\s*\(\d\))?\s*$/i.exec(one.inside)?.[1];
      const isCast = one.name.endsWith("CAST");
      if (isCast && asTime === undefined) return [];
      const [argument = "", pattern] = isCast ? [asTime] : argumentsOf(one);
      const text = `CAST(${tolerant(argument)} AS STRING)`;
      if (pattern === undefined) {
        const day = `REGEXP_EXTRACT(${text}, '^([^ T]+)', 1)`;
        const differs = `TRY_CAST(${text} AS TIMESTAMP(6)) IS NOT NULL AND TRY_CAST(${day} AS DATE) IS NULL`;
        return [{ column, call, text, differs }];
      }
      const back = `DATE_FORMAT(CAST(${one.name}(${text}, ${pattern}) AS TIMESTAMP(3)), ${pattern})`;
      return [{ column, call, text, differs: `(${plain(back)} <> ${plain(text)}) IS TRUE` }];
    }),
  );
}

/** What silver is made of may be SQL that this question cannot be made of: that is no fault of silver. */
function unlessRefused(error: unknown): undefined {
  if (error instanceof PipectlError && error.code === "query_failed") return undefined;
  throw error;
}

/** Makes the text again from the value, for every row of bronze; undefined where no expression reads a text as a time. */
export async function lenientLook({ workspace }: StageContext): Promise<Verdict | undefined> {
  const { dataset, catalog } = workspace;
  const calls = lenientCalls(dataset);
  const { bronze } = await loadTables(catalog, dataset);
  if (calls.length === 0 || bronze?.current === undefined) return undefined;
  const figures = calls.flatMap(({ text, differs }) => [
    `COUNT(*) FILTER (WHERE ${differs})`,
    `MIN(${text}) FILTER (WHERE ${differs})`,
  ]);
  const rows = rowsOf(bronze, asOf(bronze.current.id));
  const condition = `(${tolerant(silverCondition(dataset))}) IS TRUE`;
  const sql = `SELECT ${figures.join(", ")} FROM ${rows} WHERE ${condition}`;
  const [numbers] = (await query(workspace, sql, 1).catch(unlessRefused))?.rows ?? [];
  if (numbers === undefined) return undefined;
  const wrong = calls.flatMap(({ column, call }, i) => {
    const [number, example] = [Number(numbers[2 * i] ?? 0), numbers[2 * i + 1]];
    if (number === 0) return [];
    return [
      `${column}: ${call} reads ${plural(number, "text")} as another day or time, such as '${example}'`,
    ];
  });
  if (wrong.length === 0) return { status: "pass", detail: "times are as their texts say" };
  return {
    status: "warn",
    detail: wrong.join("; "),
    hint: "read such texts by TRY_CAST(… AS DATE), which is strict: docs/datasets.md, Dates in other forms",
  };
}

import { setTimeout as delay } from "node:timers/promises";
import { count } from "../../core/format.js";
import { sum } from "../../core/sum.js";
import { type Verdict, verdictOf } from "../../core/verdict.js";
import { loadTables } from "../../lake/tables.js";
import { partitionName, readableAccount } from "../../ledger/account.js";
import { countRows, type Found } from "../../ledger/count-rows.js";
import { overdueMs } from "../../ledger/current.js";
import { foreignRows, foreignText } from "../../ledger/foreign-rows.js";
import type { Workspace } from "../../workspace/workspace.js";
import { type AccountOutcome, accountOutcome } from "./account-outcome.js";
import { againstTopicLook } from "./against-topic.js";
import type { StageCheck, StageContext } from "./stage-check.js";
import { unknownFields, unknownFieldsText } from "./unknown-fields.js";

/**
 * Within each partition, every offset from first to next is in bronze or in the dead letters, exactly once. A lost row and a
 * doubled one do not cancel out, because three numbers must agree: rows, distinct offsets and the span.
 */
export const recountCheck: StageCheck = {
  name: "Recount by partition and offset",
  deep: true,
  looks: [recountLook, againstTopicLook],
};

async function recountLook({ workspace, account }: StageContext): Promise<Verdict> {
  let without: Verdict["status"] = "fail";
  const first = await account.catch((error) => {
    without = verdictOf(error).status;
    return undefined;
  });
  let verdict = await recount(workspace, first, without);
  // A stream commits to one table and then to the other. Between the two commits, rows of a checkpoint are missing: on a slow machine for
  // seconds. So it is counted again, until the stream has had the time for another checkpoint.
  const until = performance.now() + overdueMs(workspace.config.values.CHECKPOINT_INTERVAL);
  for (let tries = 1; verdict.status === "fail" && first?.streams === true; tries++) {
    if (tries >= 3 && performance.now() > until) break;
    if (tries > 1) await delay(1_000, undefined, { signal: workspace.signal });
    verdict = await recount(workspace, await accountOutcome(workspace));
  }
  return verdict;
}

/**
 * @param account undefined when it could not be determined: then the verdict shows the contents of the tables
 * @param without the status in that case
 */
async function recount(
  workspace: Workspace,
  account: AccountOutcome | undefined,
  without: Verdict["status"] = "fail",
): Promise<Verdict> {
  const tables = await loadTables(workspace.catalog, workspace.dataset);
  if (tables.bronze === undefined || tables.dlq === undefined) {
    return { status: "fail", detail: "the tables do not exist", hint: "pipectl process" };
  }
  const recorded = account === undefined ? readableAccount(tables.bronze) : account.recorded;
  const rows = await countRows(workspace, tables, [], account?.read, {
    ...{ extra: true, values: { account: recorded } },
  });
  const foreign = foreignRows(rows, recorded).map(foreignText);
  if (account === undefined) {
    const seen = rows.map(({ incarnation, partition, bronze, dlq, offsets, min, max }) => {
      const span = max - min + 1;
      return `incarnation ${incarnation}, partition ${partition}: offsets ${min} to ${max}, ${count(bronze + dlq - offsets)} more than once, ${count(span - offsets)} missing`;
    });
    return {
      status: foreign.length > 0 ? "fail" : without,
      detail: `there is no account to compare with; found ${[...seen, ...foreign].join("; ") || "no row"}`,
      hint: "pipectl repair",
    };
  }
  const found = new Map(rows.map((row) => [`${row.incarnation}/${row.partition}`, row]));
  const wrong: string[] = [];
  let offsets = 0;
  for (const line of account.partitions) {
    const key = `${line.incarnation}/${line.partition}`;
    const none = { bronze: 0, dlq: 0, offsets: 0, min: line.first, max: line.first };
    const row = found.get(key) ?? none;
    found.delete(key);
    const landed = line.bronze + line.dlq;
    const problems = [
      row.bronze !== line.bronze ? `${count(row.bronze)} bronze rows instead of ${count(line.bronze)}` : "",
      row.dlq !== line.dlq ? `${count(row.dlq)} dead letters instead of ${count(line.dlq)}` : "",
      row.bronze + row.dlq !== row.offsets
        ? `${count(row.bronze + row.dlq - row.offsets)} offsets more than once`
        : "",
      row.offsets !== landed ? `${count(landed - row.offsets)} offsets missing` : "",
      // With as many distinct offsets as rows, and none outside the span, each offset occurs once.
      landed > 0 && (row.min < line.first || row.max >= line.next)
        ? `offsets ${row.min} to ${row.max} instead of ${line.first} to ${line.next - 1}`
        : "",
    ].filter((problem) => problem !== "");
    if (problems.length > 0) wrong.push(`${partitionName(line)}: ${problems.join(", ")}`);
    offsets += row.offsets;
  }
  for (const key of found.keys())
    wrong.push(`rows of incarnation/partition ${key}, which the topic does not have`);
  wrong.push(...foreign);
  if (wrong.length > 0) return { status: "fail", detail: wrong.join("; "), hint: "pipectl repair" };
  const { notLanded } = account.counts;
  if (offsets === 0 && notLanded + account.held > 0)
    return {
      status: "warn",
      detail: `nothing has landed that could be counted, while ${count(notLanded + account.held)} offsets wait`,
    };
  const extra = rows.some((row) => row.extra > 0)
    ? unknownFieldsText(await unknownFields(workspace, account.read.bronze ?? {}))
    : "";
  const detail = `${count(offsets)} offsets, each once, none missing${valuesText(rows)}${extra}`;
  return { status: "pass", detail };
}

/** What the hashes prove, in words. */
function valuesText(rows: readonly Found[]): string {
  const hashed = sum(rows.map(({ hashes }) => hashes.bronze.rows + hashes.dlq.rows));
  const others = sum(rows.map(({ bronze, dlq }) => bronze + dlq)) - hashed;
  if (others > 0)
    return `; ${count(others)} without a hash, older than the first one or accepted: their values are not proven`;
  return hashed === 0 ? "" : ", all values as they were written";
}

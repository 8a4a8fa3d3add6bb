import { count } from "../../core/format.js";
import { loadTables } from "../../lake/tables.js";
import { partitionName } from "../../ledger/account.js";
import { countRows } from "../../ledger/count-rows.js";
import type { Workspace } from "../../workspace/workspace.js";
import { checkRules, type RuleOutcome } from "../quality/check-rules.js";
import { rulesVerdict } from "../quality/rules-verdict.js";
import { type AccountOutcome, accountStage } from "./account-stage.js";
import { joined, type Stage } from "./result.js";
import { silverName, silverStage } from "./silver-stage.js";
import { unknownFields, unknownFieldsText } from "./unknown-fields.js";

type Guard = (stage: number, name: string, look: () => Promise<Stage>) => Promise<Stage>;

const recountName = "Recount by partition and offset";

/** Stages 4 and 5: every row is read. With what became of the dataset's own rules, which are a part of stage 5. */
export async function deepStages(
  workspace: Workspace,
  account: AccountOutcome,
  guard: Guard,
  settleMs: number,
): Promise<{ readonly stages: Stage[]; readonly quality: readonly RuleOutcome[] }> {
  const recounted = await guard(4, recountName, () => recountStage(workspace, account));
  const made = await guard(5, silverName, () => silverStage(workspace, settleMs));
  let quality: readonly RuleOutcome[] = [];
  // Also where silver is not what bronze says: its rows are what readers see.
  const rules = await guard(5, silverName, async () => {
    quality = await checkRules(workspace);
    return { stage: 5, name: silverName, ...rulesVerdict(quality) };
  });
  return { stages: [recounted, joined(made, rules)], quality };
}

/**
 * Stage 4: within each partition every offset from first to next is in bronze or in the dead letters, once. One lost and
 * one doubled row do not cancel out: rows, distinct offsets and the span are three numbers that must agree.
 */
async function recountStage(workspace: Workspace, first: AccountOutcome): Promise<Stage> {
  let stage = await recount(workspace, first);
  // A stream commits to one table and then to the other: between the two, rows of a checkpoint are missing.
  for (let again = 1; again < 3 && stage.status === "fail" && first.streams; again++) {
    stage = await recount(workspace, await accountStage(workspace));
  }
  return stage;
}

async function recount(workspace: Workspace, account: AccountOutcome): Promise<Stage> {
  const base = { stage: 4, name: recountName };
  const tables = await loadTables(workspace.catalog, workspace.dataset);
  if (tables.bronze === undefined || tables.dlq === undefined) {
    return { ...base, status: "fail", detail: "the tables are not there", hint: "pipectl process" };
  }
  const rows = await countRows(workspace, tables, [], account.read, true);
  if (account.counts === null) {
    const seen = rows.map(({ incarnation, partition, bronze, dlq, offsets, min, max }) => {
      const span = max - min + 1;
      return `incarnation ${incarnation}, partition ${partition}: offsets ${min} to ${max}, ${count(bronze + dlq - offsets)} more than once, ${count(span - offsets)} missing`;
    });
    return {
      ...base,
      status: "fail",
      detail: `there is no account to compare with; found ${seen.join("; ") || "no row"}`,
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
      // With as many distinct offsets as rows, and no offset outside, each one is there once.
      landed > 0 && (row.min < line.first || row.max >= line.next)
        ? `offsets ${row.min} to ${row.max} instead of ${line.first} to ${line.next - 1}`
        : "",
    ].filter((problem) => problem !== "");
    if (problems.length > 0) wrong.push(`${partitionName(line)}: ${problems.join(", ")}`);
    offsets += row.offsets;
  }
  for (const key of found.keys())
    wrong.push(`rows of incarnation/partition ${key}, which the topic does not have`);
  if (wrong.length > 0) return { ...base, status: "fail", detail: wrong.join("; ") };
  const extra = rows.some((row) => row.extra > 0)
    ? unknownFieldsText(await unknownFields(workspace, account.read.bronze ?? {}))
    : "";
  return { ...base, status: "pass", detail: `${count(offsets)} offsets, each once, none missing${extra}` };
}

import { failed, messageOf, type PipectlError } from "../../core/errors.js";
import { sum } from "../../core/sum.js";
import { endLeftovers } from "../../execution/leftovers.js";
import { readyTables } from "../../execution/ready-tables.js";
import { activeStreams, type StreamKind } from "../../execution/stream-jobs.js";
import { cancelJob } from "../../flink/jobs.js";
import { loadTables } from "../../lake/tables.js";
import { requireKnownVersions } from "../../ledger/records.js";
import { exclusively } from "../../workspace/lock.js";
import { forCleanup, type Workspace } from "../../workspace/workspace.js";
import { requireStreamingMode } from "../stream/start.js";
import { bringUpToDate } from "./bring-up.js";
import { lockTreatments } from "./locks.js";
import { headsOf, type Plan, planOf } from "./plan.js";
import type { Ailment, Treatment } from "./treatment.js";

/** What is wrong, and what is done about it. */
export interface RepairPlan {
  readonly findings: readonly {
    readonly finding: Ailment;
    /** `namespace.table`; null where it is not about one table. */
    readonly table: string | null;
    readonly detail: string;
    readonly action: string;
    /** Records that are lost with it, because Kafka no longer has them; at most. */
    readonly gone: number;
  }[];
  /** Streams that are stopped for it, and begun anew at its end. */
  readonly streams: readonly StreamKind[];
  /** Of all findings. */
  readonly gone: number;
  /** True when more may be found once this is done: what cannot be read hides what is in it. */
  readonly looksAgain: boolean;
}

export interface RepairResult extends RepairPlan {
  readonly done: boolean;
  readonly seconds: number;
}

/** As often as one finding can hide another one. */
const mostRounds = 4;

/**
 * Finds whatever keeps the tables from being exact, says what it will do about it, and does that after a yes. Afterwards the
 * records that are missing are ingested again, silver is made of them, and the streams that ran run again.
 *
 * @param agree is asked before anything is changed, and again where a repair has brought more to light
 * @throws PipectlError (failed) `repair_failed`; what `process` throws, of what only its user can decide
 */
export async function repair(
  workspace: Workspace,
  agree: (plan: RepairPlan) => Promise<boolean>,
): Promise<RepairResult> {
  const began = performance.now();
  const locks = await lockTreatments(workspace);
  const first = await planned(workspace, locks);
  const done = async (plan: RepairPlan, isDone: boolean): Promise<RepairResult> => ({
    ...plan,
    done: isDone,
    seconds: Math.round(performance.now() - began) / 1000,
  });
  const shown = publicPlan(first, locks);
  if (shown.findings.length === 0 || !(await agree(shown))) return await done(shown, false);
  for (const { carryOut } of locks) await carryOut();
  if (first.treatments.length === 0) return await done(shown, true);
  const all = await exclusively(workspace, "run", async () => await rounds(workspace, first, agree));
  return await done(publicPlan({ ...first, treatments: all, looksAgain: false }, locks), true);
}

/** The plan. Without a catalog only the locks can be seen. */
async function planned(workspace: Workspace, locks: readonly Treatment[]): Promise<Plan> {
  try {
    await workspace.catalog.ping();
  } catch (error) {
    if (locks.length === 0) throw error;
    workspace.report({ type: "warning", text: `only the locks were looked at: ${messageOf(error)}` });
    return { treatments: [], running: [], looksAgain: false, heads: "" };
  }
  return await planOf(workspace);
}

function publicPlan({ treatments, running, looksAgain }: Plan, locks: readonly Treatment[]): RepairPlan {
  const all = [...locks, ...treatments];
  return {
    findings: all.map(({ finding, table, detail, action, gone }) => ({
      finding,
      table,
      detail,
      action,
      gone,
    })),
    streams: concerned(running, treatments),
    gone: sum(all.map(({ gone }) => gone)),
    looksAgain,
  };
}

/** The streams that cannot go on while the tables are changed. */
const concerned = (running: readonly StreamKind[], treatments: readonly Treatment[]): StreamKind[] =>
  running.filter((kind) =>
    treatments.some(({ after }) => after === "bronze" || (after === "silver" && kind === "silver")),
  );

/** Only for the owner of the lock "run". @returns what was carried out */
async function rounds(
  workspace: Workspace,
  seen: Plan,
  agree: (plan: RepairPlan) => Promise<boolean>,
): Promise<readonly Treatment[]> {
  await requireKnownVersions(workspace);
  const stopped = concerned(seen.running, seen.treatments);
  if (stopped.length > 0) requireStreamingMode(workspace);
  await endLeftovers(workspace);
  await cancelStreams(workspace, stopped);
  const treated: Treatment[] = [];
  try {
    // A stream has gone on while the plan was made and read.
    let plan = await sameOrAgain(workspace, seen, agree);
    for (let round = 1; ; round++) {
      await readyTables(workspace);
      for (const { action, table, carryOut } of plan.treatments) {
        workspace.report({ type: "step", text: table === null ? action : `${table}: ${action}` });
        await carryOut();
      }
      treated.push(...plan.treatments);
      if (!plan.looksAgain || round === mostRounds) break;
      const next = newIn(await planOf(workspace), treated);
      if (next.treatments.length > 0 && !(await agree(publicPlan(next, [])))) throw refused();
      plan = next;
    }
  } catch (error) {
    if (stopped.length > 0) {
      const text = `the ${stopped.length === 1 ? "stream is" : "streams are"} stopped: pipectl process-streaming${stopped.includes("silver") ? " --silver" : ""} starts again`;
      workspace.report({ type: "warning", text });
    }
    throw error;
  }
  await bringUpToDate(workspace, treated, stopped);
  return treated;
}

async function cancelStreams(workspace: Workspace, kinds: readonly StreamKind[]): Promise<void> {
  const through = forCleanup(workspace);
  for (const { id, name } of kinds.length === 0 ? [] : await activeStreams(workspace, kinds)) {
    workspace.report({ type: "step", text: `Cancelling ${name}` });
    await cancelJob(through.flink, id, through.signal);
  }
}

/** What has come to light. That the account is not for these tables any more is the work of the repair itself. */
function newIn(plan: Plan, treated: readonly Treatment[]): Plan {
  const isKnown = (one: Treatment) =>
    treated.some(({ finding, table }) => finding === one.finding && table === one.table);
  const isOwn = ({ finding }: Treatment) =>
    finding === "account_untrusted" && treated.some(({ after }) => after === "bronze");
  return { ...plan, treatments: plan.treatments.filter((one) => !isKnown(one) && !isOwn(one)) };
}

/** The plan for the tables as they are now. It is asked for again where it is another one than the user has seen. */
async function sameOrAgain(
  workspace: Workspace,
  seen: Plan,
  agree: (plan: RepairPlan) => Promise<boolean>,
): Promise<Plan> {
  const { catalog, dataset } = workspace;
  if (headsOf(await loadTables(catalog, dataset)) === seen.heads) return seen;
  const now = await planOf(workspace);
  const names = ({ treatments }: Plan) =>
    treatments.map(({ finding, table }) => `${finding} ${table}`).join();
  const worse = sum(now.treatments.map(({ gone }) => gone)) > sum(seen.treatments.map(({ gone }) => gone));
  if (names(now) === names(seen) && !worse) return now;
  if (now.treatments.length > 0 && !(await agree(publicPlan(now, [])))) throw refused();
  return now;
}

const refused = (): PipectlError =>
  failed("repair_refused", "the repair was not carried out to its end: the answer was no", {
    hint: "pipectl repair looks again",
  });

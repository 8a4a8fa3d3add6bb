import { type Finding, finding } from "../../core/finding.js";
import { loadTables } from "../../lake/tables.js";
import { readAccount } from "../../ledger/account.js";
import { strangeLocks } from "../../workspace/lock.js";
import type { Workspace } from "../../workspace/workspace.js";
import { checkRemote } from "./remote-check.js";

/** Checks what the machine lacks and which parts of the stack do not work, each with the next step. Changes nothing. */
export async function diagnose(workspace: Workspace): Promise<Finding[]> {
  const { runtime, kafka, flink, catalog, dataset, config } = workspace;
  const settings: Finding = {
    check: "Settings",
    status: "ok",
    detail: config.envFileFound ? config.envFile : "defaults (there is no .env)",
  };
  const machine = [...(await runtime.diagnose()), ...(await lockFindings(workspace))];
  if (runtime.managed === undefined) return [settings, ...machine, ...(await checkRemote(workspace, false))];
  const services = await runtime.services();
  if (services.every(({ state }) => state === "stopped")) {
    const stopped: Finding = { check: "Services", status: "ok", detail: "not started", hint: "pipectl up" };
    return [settings, ...machine, stopped];
  }
  const answers = await Promise.all([
    finding("Kafka", async () => {
      const { brokers } = await kafka.cluster();
      const topic = await kafka.describeTopic(dataset.topic);
      if (topic === undefined) return warning(`no topic ${dataset.topic}`, "pipectl create-topics");
      return ok(`${brokers} broker, ${dataset.topic} with ${topic.partitions} partitions`);
    }),
    finding("Flink", async () => {
      const { taskManagers, slots, freeSlots, version } = await flink.overview();
      const detail = `${version}, ${taskManagers} TaskManager, ${freeSlots} of ${slots} slots free`;
      return freeSlots >= config.values.PARALLELISM
        ? ok(detail)
        : problem(`${detail}: too few for PARALLELISM=${config.values.PARALLELISM}`, "pipectl jobs");
    }),
    finding("Iceberg", async () => {
      const tables = await loadTables(catalog, dataset);
      if (tables.bronze === undefined) return ok("no tables yet; process creates them");
      readAccount(tables.bronze, tables.dlq);
      return ok("tables and their account agree");
    }),
    ...services
      .filter(({ state }) => state !== "running")
      .map(({ name, state }) => finding(name, async () => problem(`is ${state}`, "pipectl up"))),
  ]);
  return [settings, ...machine, ...answers];
}

/** Nothing where all is well: a lock that is held is no news. */
async function lockFindings(workspace: Pick<Workspace, "runtime">): Promise<Finding[]> {
  const strange = await strangeLocks(workspace);
  const detail = strange.map(({ path, why }) => `${path}: ${why}`).join("; ");
  return strange.length === 0
    ? []
    : [{ check: "Locks", ...warning(`nobody holds ${detail}`, "pipectl repair") }];
}

type Outcome = Omit<Finding, "check">;
const ok = (detail: string): Outcome => ({ status: "ok", detail });
const warning = (detail: string, hint: string): Outcome => ({ status: "warning", detail, hint });
const problem = (detail: string, hint: string): Outcome => ({ status: "problem", detail, hint });

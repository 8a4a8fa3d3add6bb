import type { Workspace } from "../../workspace/workspace.js";
import type { Stage } from "./result.js";

/** Stage 1: every service answers, and Flink has the slots for a job. */
export async function servicesStage(workspace: Workspace): Promise<Stage> {
  const { kafka, flink, catalog, config } = workspace;
  const base = { stage: 1, name: "Services" };
  const [cluster, overview] = await Promise.all([
    kafka.cluster(),
    flink.overview(),
    catalog.ping(),
    workspace.pingGateway(),
  ]);
  const slots = `${overview.freeSlots} of ${overview.slots} slots free`;
  if (overview.taskManagers === 0) {
    return {
      ...base,
      status: "fail",
      detail: "no TaskManager has registered with Flink",
      hint: "pipectl up",
    };
  }
  const detail = `Kafka ${cluster.brokers} broker, Flink ${overview.taskManagers} TaskManager, ${slots}, gateway, catalog`;
  if (overview.freeSlots < config.values.PARALLELISM) {
    return {
      ...base,
      status: "warn",
      detail: `${detail}: too few for PARALLELISM=${config.values.PARALLELISM}`,
      hint: "pipectl jobs",
    };
  }
  return { ...base, status: "pass", detail };
}

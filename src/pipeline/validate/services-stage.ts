import type { Verdict } from "../../core/verdict.js";
import type { StageCheck, StageContext } from "./stage-check.js";

/** Every service answers, and Flink has the slots for a job. */
export const servicesCheck: StageCheck = { name: "Services", deep: false, looks: [servicesLook] };

async function servicesLook({ workspace }: StageContext): Promise<Verdict> {
  const { kafka, flink, catalog, config } = workspace;
  const [cluster, overview] = await Promise.all([
    kafka.cluster(),
    flink.overview(),
    catalog.ping(),
    workspace.pingGateway(),
  ]);
  const slots = `${overview.freeSlots} of ${overview.slots} slots free`;
  if (overview.taskManagers === 0) {
    return {
      status: "fail",
      detail: "no TaskManager has registered with Flink",
      hint: "pipectl up",
    };
  }
  const detail = `Kafka ${cluster.brokers} broker, Flink ${overview.taskManagers} TaskManager, ${slots}, gateway, catalog`;
  if (overview.freeSlots < config.values.PARALLELISM) {
    return {
      status: "warn",
      detail: `${detail}: too few for PARALLELISM=${config.values.PARALLELISM}`,
      hint: "pipectl jobs",
    };
  }
  return { status: "pass", detail };
}

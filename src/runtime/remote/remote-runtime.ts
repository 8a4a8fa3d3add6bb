import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "../../config/load.js";
import { unavailable } from "../../core/errors.js";
import { http } from "../../core/http.js";
import type { Report } from "../../core/report.js";
import { jobJar } from "../jvm/jars.js";
import { readiness } from "../readiness.js";
import type { Endpoints, Runtime, ServiceName, ServiceStatus } from "../runtime.js";
import { accessTo, flinkAccess, present } from "./access.js";
import { clients } from "./clients.js";
import { diagnoseRemote } from "./diagnose.js";
import { insideOf } from "./inside.js";
import { bundleOf } from "./storage.js";

/** Servers that somebody else operates. Only their addresses are known, and none of them is started or stopped. */
export function remoteRuntime(config: Config, report: Report): Runtime {
  const { values, root, stateDir } = config;
  const home = join(stateDir, "remote");
  const access = accessTo(config);
  const gatewayAccess = flinkAccess(config, "GATEWAY_URL");
  const endpoints: Endpoints = {
    kafka: values.KAFKA_BOOTSTRAP_SERVERS,
    flink: values.FLINK_URL,
    catalog: values.CATALOG_URL,
    warehouse: values.CATALOG_WAREHOUSE,
    ...present({ gateway: values.GATEWAY_URL }),
  };
  const own = clients(config, endpoints, access.flink, home, report);
  const services = (
    [
      ["kafka", endpoints.kafka],
      ["catalog", endpoints.catalog],
      ["jobmanager", endpoints.flink],
      ["gateway", endpoints.gateway],
    ] as const
  ).flatMap(([service, endpoint]) => (endpoint === undefined ? [] : [{ name: service, service, endpoint }]));
  const gateway: Runtime["gateway"] = async (signal) =>
    endpoints.gateway === undefined
      ? await own.gateway(signal)
      : { url: endpoints.gateway, access: gatewayAccess };

  return {
    kind: "remote",
    endpoints,
    inside: insideOf(config),
    access,
    ...present({ storageBundle: bundleOf(values) }),
    home,
    unmanaged: "RUNTIME=remote: pipectl has not started these services",

    services: async () =>
      await Promise.all(
        services.map(async ({ name, service, endpoint }): Promise<ServiceStatus> => {
          const there = await readiness({ name, service }, endpoints, () => {}, {
            ...present({ kafka: access.kafka }),
            http: accessOf(service),
          });
          return { name, service, endpoint, state: there === undefined ? "unreachable" : "running" };
        }),
      ),

    gateway,
    sqlClient: async (signal) => await own.client(await gateway(signal), signal),
    close: own.close,

    async jobJar() {
      // A container image has the jar, but no Maven.
      const shipped = join(root, "jars");
      const found = existsSync(shipped) ? await readdir(shipped) : [];
      const jar = found.find((name) => /^pipectl-cluster-.*\.jar$/.test(name));
      if (jar !== undefined) return join(shipped, jar);
      return await jobJar(config, report);
    },

    async checkpoints(job) {
      // The checkpoint folder may be on any storage, so Flink is asked for a job's checkpoints. For a job that Flink has
      // forgotten there is none to resume from, and the stream starts where the tables end.
      const { status, text } = await http("Flink", `${endpoints.flink}/jobs/${job}/checkpoints`, {
        access: access.flink,
      });
      if (status === 404) return [];
      if (status !== 200)
        throw unavailable(
          "flink_error",
          `Flink at ${endpoints.flink} answers HTTP ${status} when asked for checkpoints`,
        );
      return completedIn(JSON.parse(text) as Past);
    },

    diagnose: async () => await diagnoseRemote(config),
  };

  function accessOf(service: ServiceName) {
    if (service === "catalog") return access.catalog;
    return service === "gateway" ? gatewayAccess : access.flink;
  }
}

/** A checkpoint in Flink's answer about a job. */
interface PastCheckpoint {
  readonly id: number;
  readonly status: string;
  readonly is_savepoint: boolean;
  readonly external_path: string;
  readonly discarded?: boolean;
}

interface Past {
  readonly history?: readonly PastCheckpoint[];
  readonly latest?: { readonly completed?: PastCheckpoint | null };
}

/**
 * Checkpoints, newest first, without savepoints, which belong to whoever requested them. After ten failed checkpoints in a
 * row, only `latest` has the last completed one.
 */
function completedIn({ history = [], latest }: Past) {
  const all = [...history, ...(latest?.completed ? [latest.completed] : [])];
  const good = all.filter((one) => one.status === "COMPLETED" && one.discarded !== true && !one.is_savepoint);
  return [...new Map(good.map((one) => [one.id, { id: one.id, path: one.external_path }])).values()].sort(
    (a, b) => b.id - a.id,
  );
}

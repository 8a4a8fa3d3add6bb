import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "../../config/load.js";
import { usage } from "../../core/errors.js";
import { http } from "../../core/http.js";
import type { Report } from "../../core/report.js";
import { classPaths } from "../local/jars.js";
import { readiness } from "../readiness.js";
import type { Endpoints, Runtime, ServiceName, ServiceStatus } from "../runtime.js";
import { accessTo, flinkAccess, kafkaAccess, present } from "./access.js";
import { diagnoseRemote } from "./diagnose.js";
import { insideOf } from "./inside.js";
import { jvms } from "./jvms.js";
import { bundleOf } from "./storage.js";

/** Servers that somebody else operates: only their addresses are known, and nothing of them is started or stopped. */
export function remoteRuntime(config: Config, report: Report): Runtime {
  const { values, root, stateDir, environment } = config;
  const home = join(stateDir, "remote");
  const access = accessTo(config);
  const own = jvms(config, home, report);
  const endpoints: Endpoints = {
    kafka: values.KAFKA_BOOTSTRAP_SERVERS,
    flink: values.FLINK_URL,
    catalog: values.CATALOG_URL,
    warehouse: values.CATALOG_WAREHOUSE,
    ...present({ gateway: values.GATEWAY_URL }),
  };
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
      ? await own.gateway(endpoints.flink, access.flink, signal)
      : { url: endpoints.gateway, access: flinkAccess(config, "GATEWAY_URL") };

  function notOurs(what: string): never {
    throw usage(
      "not_ours",
      `RUNTIME=remote: pipectl has not started these services, and does not ${what} them`,
      {
        hint: "pipectl stop ends the streams; another RUNTIME in .env has a stack of its own",
      },
    );
  }

  return {
    kind: "remote",
    endpoints,
    inside: insideOf(config),
    access,
    ...present({ storageBundle: bundleOf(values) }),
    home,

    up: async () => ({ started: [], alreadyRunning: services.map(({ name }) => name) }),
    down: async () => notOurs("stop"),

    services: async () =>
      await Promise.all(
        services.map(async ({ name, service, endpoint }): Promise<ServiceStatus> => {
          const there = await readiness({ name, service }, endpoints, () => {}, {
            kafka: kafkaAccess(config),
            http: accessOf(service),
          });
          return { name, service, endpoint, state: there === undefined ? "unreachable" : "running" };
        }),
      ),

    logs: async ({ service }) => {
      throw usage(
        "not_ours",
        `RUNTIME=remote: the logs${service === undefined ? "" : ` of ${service}`} are where the operator of the cluster keeps them`,
        {
          hint: `${endpoints.flink} shows those of Flink`,
        },
      );
    },

    gateway,
    sqlClient: async (signal) => await own.client(await gateway(signal), signal),
    close: own.close,

    scratch: undefined,
    processName: (name) => name,
    keepClassData: async () => [],

    async jobJar() {
      // A container image has no Maven, but the jar.
      const shipped = join(root, "jars");
      const found = existsSync(shipped) ? await readdir(shipped) : [];
      const jar = found.find((name) => /^pipectl-cluster-.*\.jar$/.test(name));
      if (jar !== undefined) return join(shipped, jar);
      const jars = await classPaths(root, stateDir, environment, report, new AbortController().signal);
      return jars.cluster[0] as string;
    },

    async checkpoints(job) {
      // Their folder may be on any storage: Flink itself says which of a job's checkpoints are there, while it knows the job.
      // Of a job that it has forgotten there is none to go on from, and a stream begins where the tables end.
      const { status, text } = await http("Flink", `${endpoints.flink}/jobs/${job}/checkpoints`, {
        access: access.flink,
      });
      if (status !== 200) return [];
      const { history = [] } = JSON.parse(text) as { history?: readonly PastCheckpoint[] };
      return history
        .filter((one) => one.status === "COMPLETED" && one.discarded !== true)
        .map((one) => ({ id: one.id, path: one.external_path }))
        .sort((a, b) => b.id - a.id);
    },

    disks: async () => [],
    diagnose: async () => await diagnoseRemote(config),
  };

  function accessOf(service: ServiceName) {
    if (service === "catalog") return access.catalog;
    return service === "gateway" ? flinkAccess(config, "GATEWAY_URL") : access.flink;
  }
}

/** In Flink's answer about a job's checkpoints. */
interface PastCheckpoint {
  readonly id: number;
  readonly status: string;
  readonly external_path: string;
  readonly discarded?: boolean;
}

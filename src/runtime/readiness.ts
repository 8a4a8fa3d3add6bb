import { messageOf } from "../core/errors.js";
import { http } from "../core/http.js";
import type { Access } from "../core/http-access.js";
import type { KafkaAccess } from "../kafka/client.js";
import { brokerAnswers } from "../kafka/ping.js";
import type { Endpoints, ServiceName } from "./runtime.js";

export interface Probe {
  readonly name: string;
  readonly service: ServiceName;
  /** A part of the JobManager's list that identifies a TaskManager. */
  readonly registeredAs?: string;
  /** Ids in that list whose processes have ended: until the JobManager notices, it gives their slots to jobs. */
  readonly dead?: readonly string[];
}

/** A TaskManager in the JobManager's list. */
export interface Listed {
  readonly id: string;
  /** Its RPC address. */
  readonly path: string;
}

/** The TaskManagers that the JobManager lists, including dead ones that it has not noticed yet; none when it does not answer. */
export async function listedTaskManagers({ flink }: Pick<Endpoints, "flink">): Promise<Listed[]> {
  const answer = await http("Flink", `${flink}/taskmanagers`, { timeoutMs: 3_000 }).catch(() => undefined);
  if (answer?.status !== 200) return [];
  return (JSON.parse(answer.text) as { readonly taskmanagers: Listed[] }).taskmanagers;
}

/** `true` when the service answers as it should, else `undefined`, after calling `why` with the reason. Changes nothing. */
export async function readiness(
  { name, service, registeredAs = "", dead = [] }: Probe,
  endpoints: Endpoints,
  why: (reason: string) => void,
  access: { readonly kafka?: KafkaAccess; readonly http?: Access | undefined } = {},
): Promise<true | undefined> {
  // A catalog's configuration depends on the warehouse, and some catalogs require its name.
  const warehouse =
    access.http === undefined || endpoints.warehouse === ""
      ? ""
      : `?warehouse=${encodeURIComponent(endpoints.warehouse)}`;
  try {
    switch (service) {
      case "kafka":
        // One answering broker is enough: it names the others.
        await Promise.any(
          endpoints.kafka.split(",").map((one) => brokerAnswers(one, access.kafka?.tls)),
        ).catch((error: AggregateError) => Promise.reject(error.errors[0]));
        return true;
      case "s3":
        return await answers(`${endpoints.s3}/health`);
      case "catalog":
        return await answers(`${endpoints.catalog}/v1/config${warehouse}`);
      case "jobmanager":
        return await answers(`${endpoints.flink}/overview`);
      case "taskmanager":
        return await answers(
          `${endpoints.flink}/taskmanagers`,
          (list) => list.includes(registeredAs) && !dead.some((id) => list.includes(id)),
        );
      case "gateway":
        return await answers(`${endpoints.gateway}/v1/info`);
    }
  } catch (error) {
    why(messageOf(error));
    return undefined;
  }

  async function answers(url: string, content = (_text: string) => true): Promise<true | undefined> {
    const { status, text } = await http(name, url, { timeoutMs: 3_000, access: access.http });
    if (status === 200 && content(text)) return true;
    why(status === 200 ? `${name} has not registered yet` : `${url} answers HTTP ${status}`);
    return undefined;
  }
}

import { connect, isIP } from "node:net";
import { connect as connectTls } from "node:tls";
import { messageOf } from "../core/errors.js";
import { http } from "../core/http.js";
import { type Access, trusted } from "../core/http-access.js";
import type { KafkaAccess } from "../kafka/client.js";
import type { Endpoints, ServiceName } from "./runtime.js";

export interface Probe {
  readonly name: string;
  readonly service: ServiceName;
  /** A TaskManager's mark in the JobManager's list. */
  readonly registeredAs?: string;
  /** Ids in that list that are dead: the JobManager takes a while to notice, and until then gives their slots to jobs. */
  readonly dead?: readonly string[];
}

/** A TaskManager as the JobManager lists it. */
export interface Listed {
  readonly id: string;
  /** Its RPC address. */
  readonly path: string;
}

/** The TaskManagers that the JobManager lists, dead ones that it has not missed yet included; none when it does not answer. */
export async function listedTaskManagers({ flink }: Pick<Endpoints, "flink">): Promise<Listed[]> {
  const answer = await http("Flink", `${flink}/taskmanagers`, { timeoutMs: 3_000 }).catch(() => undefined);
  if (answer?.status !== 200) return [];
  return (JSON.parse(answer.text) as { readonly taskmanagers: Listed[] }).taskmanagers;
}

/** `true` when the service answers as it should, else `undefined`; `why` is told what is missing. Changes nothing. */
export async function readiness(
  { name, service, registeredAs = "", dead = [] }: Probe,
  endpoints: Endpoints,
  why: (reason: string) => void,
  access: { readonly kafka?: KafkaAccess; readonly http?: Access | undefined } = {},
): Promise<true | undefined> {
  // What a catalog's configuration is depends on it, and some have none without.
  const warehouse =
    access.http === undefined || endpoints.warehouse === ""
      ? ""
      : `?warehouse=${encodeURIComponent(endpoints.warehouse)}`;
  try {
    switch (service) {
      case "kafka":
        // One that answers leads to the others.
        await Promise.any(
          endpoints.kafka.split(",").map((one) => kafkaAnswers(one, access.kafka?.tls)),
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

/** ApiVersions, version 0, which every client asks first: length, key 18, version, correlation id 1, no client id. */
const apiVersions = Buffer.from("0000000a0012000000000001ffff", "hex");

/** A broker that takes requests: one that only listens, or a proxy in front of none, does not answer this. */
async function kafkaAnswers(address: string, tls?: KafkaAccess["tls"]): Promise<void> {
  const colon = address.lastIndexOf(":");
  const [host, port] = [address.slice(0, colon).replace(/^\[|\]$/g, ""), Number(address.slice(colon + 1))];
  await new Promise<void>((resolve, reject) => {
    const { ca, ...own } = tls ?? {};
    const authorities = trusted(ca);
    const socket =
      tls === undefined
        ? connect({ port, host, timeout: 3_000 })
        : connectTls({
            ...{ port, host, timeout: 3_000, ...own },
            ...(isIP(host) === 0 ? { servername: host } : {}),
            ...(authorities === undefined ? {} : { ca: authorities }),
          });
    const end = (action: () => void) => {
      socket.destroy();
      action();
    };
    socket.once(tls === undefined ? "connect" : "secureConnect", () => socket.write(apiVersions));
    // Four bytes of length, then our correlation id.
    socket.once("data", (answer) =>
      end(
        answer.length >= 8 && answer.readInt32BE(4) === 1
          ? resolve
          : () => reject(new Error(`what answers on ${address} is no Kafka broker`)),
      ),
    );
    socket.once("timeout", () => end(() => reject(new Error(`no answer from ${address}`))));
    socket.once("error", (error) => end(() => reject(error)));
    socket.once("close", () => reject(new Error(`${address} closed the connection`)));
  });
}

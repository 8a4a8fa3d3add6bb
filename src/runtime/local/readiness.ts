import { connect } from "node:net";
import { messageOf } from "../../core/errors.js";
import { http } from "../../core/http.js";
import type { Ports } from "./conf.js";
import type { ServiceSpec } from "./services.js";

/** `true` when the service answers as it should, else `undefined`; `why` is told what is missing. Changes nothing. */
export async function readiness(
  spec: ServiceSpec,
  ports: Ports,
  why: (reason: string) => void,
): Promise<true | undefined> {
  try {
    switch (spec.service) {
      case "kafka":
        await accepts(ports.kafka);
        return true;
      case "jobmanager":
        return await answers(`http://127.0.0.1:${ports.flink}/overview`, () => true);
      case "taskmanager":
        return await answers(`http://127.0.0.1:${ports.flink}/taskmanagers`, (text) =>
          text.includes(`"id":"${spec.name}"`),
        );
      case "gateway":
        return await answers(`http://127.0.0.1:${ports.gateway}/v1/info`, () => true);
      case "catalog":
        return await answers(`http://127.0.0.1:${ports.catalog}/v1/config`, () => true);
    }
  } catch (error) {
    why(messageOf(error));
    return undefined;
  }

  async function answers(url: string, good: (text: string) => boolean): Promise<true | undefined> {
    const { status, text } = await http(spec.name, url, { timeoutMs: 3_000 });
    if (status === 200 && good(text)) return true;
    why(status === 200 ? `${spec.name} has not registered yet` : `${url} answers HTTP ${status}`);
    return undefined;
  }
}

async function accepts(port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", timeout: 3_000 });
    socket.once("connect", () => {
      socket.destroy();
      resolve();
    });
    socket.once("timeout", () => {
      socket.destroy();
      reject(new Error(`no answer on port ${port}`));
    });
    socket.once("error", reject);
  });
}

import { connect, isIP } from "node:net";
import { connect as connectTls } from "node:tls";
import { trusted } from "../core/http-access.js";
import type { KafkaAccess } from "./client.js";

/** ApiVersions, version 0, which every client asks first: length, key 18, version, correlation id 1, no client id. */
const apiVersions = Buffer.from("0000000a0012000000000001ffff", "hex");

/**
 * Returns when a broker takes requests: one that only listens, or a proxy in front of none, does not answer this.
 *
 * @param address host:port
 * @throws Error that names the address, or that of the system
 */
export async function brokerAnswers(address: string, tls?: KafkaAccess["tls"]): Promise<void> {
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

import { createServer, request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream";
import { messageOf } from "./errors.js";
import { type Access, trusted } from "./http-access.js";

export interface Forward {
  /** On the loopback address, without a path. */
  readonly port: number;
  close(): void;
}

/**
 * Hands the requests of a program that we start on to a server that is not ours, with what that one wants of its callers. So
 * TLS, paths, headers and passwords are this program's alone: Flink's clients would need them in a file or an argument.
 *
 * @param pass a header without which nobody is let in: other people of this machine can reach the port, too
 */
export async function forward(
  url: string,
  access: Access | undefined,
  pass: { readonly name: string; readonly value: string },
): Promise<Forward> {
  const target = new URL(url);
  const request = target.protocol === "https:" ? tlsRequest : plainRequest;
  const ca = trusted(access?.ca);
  const server = createServer((incoming, outgoing) => {
    const refuse = (status: number, why: string) => {
      // Half an answer cannot be mended: whoever reads it has to see that it is one.
      if (outgoing.headersSent) return void outgoing.destroy();
      outgoing.writeHead(status, { "content-type": "application/json" });
      outgoing.end(JSON.stringify({ errors: [why] }));
    };
    const { [pass.name]: word, host: _, ...headers } = incoming.headers;
    if (word !== pass.value) return refuse(403, "this port belongs to a pipectl that runs");
    void (async () => {
      const own = await access?.headers?.();
      const onward = request(
        {
          protocol: target.protocol,
          hostname: target.hostname.replace(/^\[|\]$/g, ""),
          port: target.port,
          method: incoming.method,
          path: `${target.pathname.replace(/\/$/, "")}${incoming.url}`,
          headers: { ...headers, ...own },
          ...(ca === undefined ? {} : { ca }),
        },
        (answer) => {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
          pipeline(answer, outgoing, () => {});
        },
      );
      onward.on("error", (error) => refuse(502, `${target.origin}: ${messageOf(error)}`));
      outgoing.on("close", () => onward.destroy());
      incoming.pipe(onward);
    })().catch((error) => refuse(502, messageOf(error)));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

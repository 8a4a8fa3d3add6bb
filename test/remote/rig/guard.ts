import { readFileSync } from "node:fs";
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  request as requestOf,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { type CatalogRules, catalogGuard } from "./catalog-guard.js";
import type { Certificate } from "./certificates.js";
import { type Passing, type Reply, unauthorized } from "./passing.js";
import type { Server } from "./process.js";

/** What a guard wants of each request. What is not given, or undefined, it does not look at. */
export interface Rules {
  /** Milliseconds that every request waits. */
  readonly latencyMs?: number | undefined;
  readonly basic?: { readonly user: string; readonly password: string } | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** A token that never changes. */
  readonly bearer?: string | undefined;
  /** Everything is answered with this status. */
  readonly status?: number | undefined;
  /** What only an Iceberg catalog has. */
  readonly catalog?: CatalogRules | undefined;
}

export interface Guard extends Server {
  readonly url: string;
  /** Changes the rules that are named, from the next request on; `undefined` takes one away. */
  set(rules: Rules): void;
  /** Every request so far, as it came, with the status of its answer. */
  readonly requests: { readonly method: string; readonly path: string; readonly status: number }[];
}

export interface GuardOptions {
  readonly tls?: Certificate;
  /** Everything lies below it: `/flink`. */
  readonly path?: string;
  readonly port?: number;
  readonly rules?: Rules;
}

/** A reverse proxy in front of a real server, such as stands before servers that others operate. */
export async function startGuard(target: string, options: GuardOptions = {}): Promise<Guard> {
  const { tls, path = "" } = options;
  let rules = options.rules ?? {};
  const requests: Guard["requests"] = [];
  const catalog = catalogGuard(target);

  const listener: RequestListener = async (request, response) => {
    const { method = "GET", url = "/", headers } = request;
    response.once("finish", () => requests.push({ method, path: url, status: response.statusCode }));
    response.once("error", () => {});
    const passing: Passing = { method, path: url.slice(path.length), headers, body: () => textOf(request) };
    if (rules.latencyMs) await delay(rules.latencyMs);
    try {
      const reply =
        (url.startsWith(`${path}/`) ? undefined : { status: 404, body: "there is nothing here" }) ??
        refusal(rules, passing) ??
        (rules.catalog && (await catalog(rules.catalog, passing)));
      if (reply === undefined) return pass(target, passing, request, response);
      // A client that is still sending would never read the answer.
      request.resume();
      say(response, reply);
    } catch (error) {
      say(response, { status: 502, body: String(error) });
    }
  };

  const server = tls
    ? createTlsServer({ cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) }, listener)
    : createServer(listener);
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls ? "https" : "http"}://127.0.0.1:${port}${path}`,
    set: (changed) => {
      const both = changed.catalog && { catalog: { ...rules.catalog, ...changed.catalog } };
      rules = { ...rules, ...changed, ...both };
    },
    requests,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What any web server may refuse, in its own words: a page for people. */
function refusal(rules: Rules, { headers }: Passing): Reply | undefined {
  const page = (status: number, title: string) => ({
    status,
    body: `<html>\r\n<head><title>${status} ${title}</title></head>\r\n<body>\r\n<center><h1>${status} ${title}</h1></center>\r\n</body>\r\n</html>\r\n`,
  });
  if (rules.status !== undefined) return page(rules.status, "As told");
  if (rules.basic !== undefined) {
    const { user, password } = rules.basic;
    const wanted = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
    if (headers.authorization !== wanted)
      return { ...page(401, "Authorization Required"), headers: { "www-authenticate": 'Basic realm="rig"' } };
  }
  for (const [name, value] of Object.entries(rules.headers ?? {})) {
    if (headers[name.toLowerCase()] !== value) return page(403, "Forbidden");
  }
  if (rules.bearer !== undefined && headers.authorization !== `Bearer ${rules.bearer}`)
    return unauthorized("Not authorized: the token is not valid");
  return undefined;
}

function say(response: ServerResponse, { status, body, headers = {} }: Reply): void {
  if (response.headersSent) return void response.destroy();
  const isText = typeof body === "string";
  response.writeHead(status, { "content-type": isText ? "text/html" : "application/json", ...headers });
  response.end(isText ? body : JSON.stringify(body));
}

/** Hands the request on as it comes and the answer as it comes back; a job's jar is never in memory as a whole. */
function pass(
  target: string,
  { path, headers }: Passing,
  request: IncomingMessage,
  response: ServerResponse,
) {
  // The name in `host` stays: an S3 client has signed it.
  const { method = "GET" } = request;
  const { connection: _, ...kept } = headers;
  // No pool of connections: one that the server behind has just closed would look like an answer of the guard.
  const behind = requestOf(target, { agent: false, method, path, headers: kept });
  behind.once("response", (answer) => {
    const { connection: _, "keep-alive": __, ...rest } = answer.headers;
    response.writeHead(answer.statusCode ?? 502, rest);
    // Half an answer must not look like a slow one.
    answer.once("close", () => answer.complete || response.destroy());
    answer.pipe(response);
  });
  behind.once("error", (error) => say(response, { status: 502, body: String(error) }));
  response.once("close", () => behind.destroy());
  request.pipe(behind);
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

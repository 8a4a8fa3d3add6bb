import { Agent, FormData, request } from "undici";
import { askAgain, type Patience } from "./ask-again.js";
import { messageOf, outOfFiles, type PipectlError, unavailable, usage } from "./errors.js";
import { type Access, tlsTrouble, trusted } from "./http-access.js";
import { reasonIn } from "./http-reason.js";

export { FormData };

export interface HttpRequest {
  readonly method?: "GET" | "POST" | "PATCH" | "DELETE" | "PUT" | "HEAD";
  /** Text is sent as it is, as JSON unless the headers say otherwise; a form as multipart. */
  readonly body?: string | FormData;
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds until the answer must be complete; 10,000 unless told. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** What the server wants of its callers; nothing unless told. */
  readonly access?: Access | undefined;
  /** For a request that only looks: how long it is asked again while the server is too slow or too busy. Once, unless told. */
  readonly patience?: Patience | undefined;
  /** What this server answers when it is too busy, besides the statuses that say so. */
  readonly isBusy?: (response: HttpResponse) => boolean;
}

export interface HttpResponse {
  readonly status: number;
  readonly text: string;
  /** Why the server refuses, where it is a refusal and says why. */
  readonly reason?: string;
}

/** Connections are kept for one command and never keep the process alive. By the authority that is trusted. */
const agents = new Map<string, Agent>();

function agentOf(ca: string | undefined): Agent {
  const known = agents.get(ca ?? "");
  if (known !== undefined) return known;
  const agent = new Agent({
    connections: 8,
    keepAliveTimeout: 4_000,
    connect: { timeout: 5_000, ...(ca === undefined ? {} : { ca: trusted(ca) }) },
  });
  agents.set(ca ?? "", agent);
  return agent;
}

/** Too many requests, or nobody behind a proxy, or not yet (RFC 9110, RFC 6585). */
const busy = new Set([429, 502, 503, 504]);

/** What Node and undici say of a connection that was too slow, or was cut. One that is refused is not among them: nobody listens. */
const passing = new Set([
  ...["ECONNRESET", "ECONNABORTED", "EPIPE", "ETIMEDOUT", "EAI_AGAIN"],
  ...["UND_ERR_SOCKET", "UND_ERR_CONNECT_TIMEOUT", "UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT"],
]);

/** Not known, and, as Iceberg's specification has it, known no longer. */
const unknown = new Set([401, 419]);

/**
 * One HTTP exchange, or with `patience` several of the same. Any status but those that say we are unknown is an answer; only a
 * server that cannot be reached, takes too long, or does not know us throws.
 *
 * @param service how a person calls the server: "Flink", "the Iceberg catalog"
 * @throws PipectlError (unavailable) `http_unreachable` with the endpoint and the reason; (usage) `tls_failed`,
 *   `unauthorized` with the settings to look at
 */
export async function http(service: string, url: string, options: HttpRequest = {}): Promise<HttpResponse> {
  return await askAgain(service, () => once(service, url, options), {
    ...{ patience: options.patience, signal: options.signal },
    isBusy: (response) => busy.has(response.status) || (options.isBusy?.(response) ?? false),
  });
}

async function once(service: string, url: string, options: HttpRequest): Promise<HttpResponse> {
  const response = await exchange(service, url, options);
  const { access } = options;
  if (!unknown.has(response.status) || access === undefined) return response;
  if (access.renew !== undefined) {
    access.renew();
    const again = await exchange(service, url, options);
    if (!unknown.has(again.status)) return again;
  }
  throw usage(
    "unauthorized",
    `${service} at ${new URL(url).origin} does not accept our credentials (HTTP ${response.status}${because(response)})`,
    {
      hint: `check ${access.settings.credentials}: wrong, missing or expired`,
    },
  );
}

const because = ({ reason }: HttpResponse) => (reason === undefined ? "" : `: ${reason}`);

async function exchange(service: string, url: string, options: HttpRequest): Promise<HttpResponse> {
  const timeoutMs = options.timeoutMs ?? 10_000;
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]);
  const { access } = options;
  const own = await access?.headers?.();
  try {
    const response = await request(url, {
      method: options.method ?? "GET",
      dispatcher: agentOf(access?.ca),
      signal,
      headers: {
        ...(typeof options.body === "string" ? { "content-type": "application/json" } : {}),
        ...own,
        ...options.headers,
      },
      ...(options.body === undefined ? {} : { body: options.body }),
    });
    const { statusCode: status, headers } = response;
    const text = await response.body.text();
    const reason = status >= 400 ? reasonIn(text, headers) : undefined;
    return { status, text, ...(reason === undefined ? {} : { reason }) };
  } catch (error) {
    options.signal?.throwIfAborted();
    const ours = outOfFiles(error);
    if (ours !== undefined) throw ours;
    const late = timeout.aborted ? `no answer within ${timeoutMs / 1000} s` : undefined;
    throw notReached(service, url, late, error, access);
  }
}

/** Of a server of our own that it does not run; of another one a setting, or the way there, can be wrong as well. */
function notReached(
  service: string,
  url: string,
  late: string | undefined,
  error: unknown,
  access: Access | undefined,
): PipectlError {
  const { origin } = new URL(url);
  const tls = late === undefined && access !== undefined ? tlsTrouble(error) : undefined;
  if (access === undefined || tls === undefined) {
    const ours =
      late === undefined
        ? "pipectl status shows what runs, pipectl up starts what does not"
        : "pipectl logs shows what it is at";
    return unavailable(
      "http_unreachable",
      `${service} does not answer on ${origin}: ${late ?? messageOf(error)}`,
      {
        hint:
          access === undefined
            ? ours
            : `check ${access.settings.address}, and the way there; then: pipectl doctor`,
        cause: error,
        mayPass: late !== undefined || passing.has((error as NodeJS.ErrnoException).code ?? ""),
      },
    );
  }
  const { settings } = access;
  const [why, hint] = {
    untrusted: [
      "its certificate is not signed by an authority that is trusted here",
      `set ${settings.ca} to the PEM file of that authority`,
    ],
    expired: ["its certificate is expired, or not valid yet", "its operator has to renew it"],
    "other name": ["its certificate is for another name", `use that name in ${settings.address}`],
    "no TLS": ["it does not speak TLS there", `http:// in ${settings.address}, or another port`],
  }[tls] as [string, string];
  return usage("tls_failed", `${service} at ${origin}: ${why} (${messageOf(error)})`, { hint, cause: error });
}

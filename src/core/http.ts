import { Agent, FormData, request } from "undici";
import { messageOf, outOfFiles, unavailable } from "./errors.js";

export { FormData };

export interface HttpRequest {
  readonly method?: "GET" | "POST" | "PATCH" | "DELETE" | "PUT" | "HEAD";
  /** Text is sent as it is, as JSON; a form as multipart. */
  readonly body?: string | FormData;
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds until the answer must be complete; 10,000 unless told. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  readonly text: string;
}

/** Connections are kept for one command and never keep the process alive. */
const agent = new Agent({ connections: 8, keepAliveTimeout: 4_000, connect: { timeout: 5_000 } });

/**
 * One HTTP exchange. Any status is an answer; only a server that cannot be reached, or takes too long, throws.
 *
 * @param service how a person calls the server: "Flink", "the Iceberg catalog"
 * @throws PipectlError (unavailable) `http_unreachable` with the endpoint and the reason
 */
export async function http(service: string, url: string, options: HttpRequest = {}): Promise<HttpResponse> {
  const timeout = AbortSignal.timeout(options.timeoutMs ?? 10_000);
  const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]);
  try {
    const response = await request(url, {
      method: options.method ?? "GET",
      dispatcher: agent,
      signal,
      headers: {
        ...(typeof options.body === "string" ? { "content-type": "application/json" } : {}),
        ...options.headers,
      },
      ...(options.body === undefined ? {} : { body: options.body }),
    });
    return { status: response.statusCode, text: await response.body.text() };
  } catch (error) {
    options.signal?.throwIfAborted();
    const own = outOfFiles(error);
    if (own !== undefined) throw own;
    const where = new URL(url).origin;
    const late = timeout.aborted;
    const why = late ? `no answer within ${(options.timeoutMs ?? 10_000) / 1000} s` : messageOf(error);
    throw unavailable("http_unreachable", `${service} does not answer on ${where}: ${why}`, {
      hint: late
        ? "pipectl logs shows what it is at"
        : "pipectl status shows what runs, pipectl up starts what does not",
      cause: error,
    });
  }
}

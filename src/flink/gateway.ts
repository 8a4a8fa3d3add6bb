import { unavailable } from "../core/errors.js";
import { http } from "../core/http.js";
import type { Access } from "../core/http-access.js";
import { parseExact } from "../core/json.js";
import { poll } from "../core/poll.js";
import { innermostCause } from "./rest.js";
import { SqlError, type SqlSession } from "./session.js";

export interface ResultColumn {
  readonly name: string;
  readonly type: string;
}

export interface GatewaySession extends SqlSession {
  /** Runs a query and returns all of its rows, at most `limit`; values as the gateway's JSON has them. */
  query(
    statement: string,
    limit: number,
    signal: AbortSignal,
  ): Promise<{ columns: ResultColumn[]; rows: unknown[][]; truncated: boolean }>;
  /** Runs a query and hands its rows on as they come: the gateway has at most 5,000 of them ready, and keeps none. */
  eachRow(statement: string, onRow: (row: unknown[]) => void, signal: AbortSignal): Promise<void>;
}

interface Results {
  readonly resultType: "NOT_READY" | "PAYLOAD" | "EOS";
  readonly nextResultUri?: string;
  readonly results?: {
    readonly columns: { name: string; logicalType: { type: string } }[];
    readonly data: { fields: unknown[] }[];
  };
}

/**
 * A session of the SQL gateway, over its REST API (v3). No client JVM: it starts in milliseconds.
 *
 * @param access what a gateway that is not ours wants of its callers
 * @param heartbeatMs the gateway drops a session of which it hears nothing for ten minutes, and a job may take longer
 */
export async function gatewaySession(
  url: string,
  signal: AbortSignal,
  access?: Access,
  heartbeatMs = 60_000,
): Promise<GatewaySession> {
  const { sessionHandle } = (await call("POST", "/v3/sessions", {}, signal)) as { sessionHandle: string };
  const base = `/v3/sessions/${sessionHandle}`;
  const beat = () => void call("POST", `${base}/heartbeat`, {}).catch(() => {});
  const heart = setInterval(beat, heartbeatMs).unref();

  async function call(method: "GET" | "POST" | "DELETE", path: string, body: unknown, abort?: AbortSignal) {
    const { status, text } = await http("the SQL gateway", `${url}${path}`, {
      method,
      access,
      timeoutMs: 60_000,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(abort === undefined ? {} : { signal: abort }),
    });
    const answer = parseExact(text);
    if (status === 200 && answer !== undefined) return answer;
    if (status === 200) {
      throw unavailable(
        "gateway_error",
        `${url}${path} does not answer with JSON: is it Flink's SQL gateway?`,
        {
          hint: "pipectl doctor",
        },
      );
    }
    const errors = (answer as { errors?: string[] } | undefined)?.errors ?? [text];
    const stack = errors.find((error) => error.includes("Caused by")) ?? errors.at(-1) ?? "";
    if (path.includes("/operations/") || path.endsWith("/statements"))
      throw new SqlError(innermostCause(stack), stack);
    throw unavailable(
      "gateway_error",
      `the SQL gateway at ${url} answers HTTP ${status}: ${innermostCause(stack)}`,
      {
        hint: "pipectl logs gateway",
      },
    );
  }

  /** Submits a statement and hands each page of its result to `onPage`, until the end or until that returns false. */
  async function submit(
    statement: string,
    abort: AbortSignal,
    onPage: (page: Results) => boolean,
  ): Promise<void> {
    const { operationHandle } = (await call("POST", `${base}/statements`, { statement }, abort)) as {
      operationHandle: string;
    };
    const operation = `${base}/operations/${operationHandle}`;
    let next = `${operation}/result/0?rowFormat=JSON`;
    try {
      for (;;) {
        const page = await poll(
          async () => {
            const results = (await call("GET", next, undefined, abort)) as Results;
            return results.resultType === "NOT_READY" ? undefined : results;
          },
          { what: "the SQL gateway", timeoutMs: 86_400_000, signal: abort, intervalMs: 50 },
        );
        if (!onPage(page) || page.resultType === "EOS" || page.nextResultUri === undefined) return;
        next = page.nextResultUri;
      }
    } finally {
      // Frees the gateway's memory; with an unfinished query it also ends its job.
      await call("DELETE", `${operation}/close`, undefined).catch(() => {});
    }
  }

  return {
    execute: async (statement, abort) => await submit(statement, abort, () => true),
    query: async (statement, limit, abort) => {
      let columns: ResultColumn[] = [];
      const rows: unknown[][] = [];
      let truncated = false;
      await submit(statement, abort, ({ results }) => {
        if (results === undefined) return true;
        columns = results.columns.map(({ name, logicalType }) => ({ name, type: logicalType.type }));
        for (const { fields } of results.data) {
          if (rows.length === limit) {
            truncated = true;
            return false;
          }
          rows.push(fields);
        }
        return true;
      });
      return { columns, rows, truncated };
    },
    eachRow: async (statement, onRow, abort) =>
      await submit(statement, abort, ({ results }) => {
        for (const { fields } of results?.data ?? []) onRow(fields);
        return true;
      }),
    close: async () => {
      clearInterval(heart);
      await call("DELETE", base, undefined).catch(() => {});
    },
  };
}

/** @throws PipectlError (unavailable) unless the SQL gateway answers */
export async function pingGateway(url: string, signal: AbortSignal, access?: Access): Promise<void> {
  const { status } = await http("the SQL gateway", `${url}/v3/info`, { signal, access, timeoutMs: 5_000 });
  if (status !== 200) throw unavailable("gateway_error", `the SQL gateway at ${url} answers HTTP ${status}`);
}

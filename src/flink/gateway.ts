import type { Patience } from "../core/ask-again.js";
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
  /** Runs a query and returns its rows, at most `limit`; values are as in the gateway's JSON. */
  query(
    statement: string,
    limit: number,
    signal: AbortSignal,
  ): Promise<{ columns: ResultColumn[]; rows: unknown[][]; truncated: boolean }>;
  /** Runs a query and hands on its rows as they come: the gateway buffers at most 5,000 rows. */
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
 * A session of the SQL gateway, over its REST API (v3). It needs no client JVM and starts in milliseconds.
 *
 * @param access credentials, where somebody else operates the gateway
 * @param heartbeatMs the gateway drops a session that is silent for ten minutes, and a job may take longer
 * @param patience how long it is asked again for a status or a page of rows, which it keeps until the next page is asked for
 */
export async function gatewaySession(
  url: string,
  signal: AbortSignal,
  access?: Access,
  heartbeatMs = 60_000,
  patience?: Patience,
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
      ...(method === "GET" ? { patience } : {}),
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
    // A proxy's words about the gateway are none of Flink's about the statement.
    const fromFlink = ![502, 503, 504].includes(status);
    if (fromFlink && (path.includes("/operations/") || path.endsWith("/statements")))
      throw new SqlError(innermostCause(stack), stack);
    throw unavailable(
      "gateway_error",
      `the SQL gateway at ${url} answers HTTP ${status}: ${innermostCause(stack)}`,
      {
        hint: "pipectl logs gateway",
      },
    );
  }

  /** Submits a statement and hands each page of its result to `onPage`, until the end or until `onPage` returns false. */
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
      // Frees the gateway's memory, and ends the job of an unfinished query.
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

/** @throws PipectlError (unavailable) when the SQL gateway does not answer */
export async function pingGateway(
  url: string,
  signal: AbortSignal,
  access?: Access,
  patience?: Patience,
): Promise<void> {
  const options = { signal, access, patience, timeoutMs: 5_000 };
  const { status } = await http("the SQL gateway", `${url}/v3/info`, options);
  if (status !== 200) throw unavailable("gateway_error", `the SQL gateway at ${url} answers HTTP ${status}`);
}

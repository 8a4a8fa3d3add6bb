import { describe, expect, it, vi } from "vitest";
import { gatewaySession } from "../../../src/flink/gateway.js";
import { SqlError } from "../../../src/flink/session.js";
import { problemOf } from "../../helpers/problem.js";
import { type Answer, fakeServer } from "../../helpers/server.js";

const never = new AbortController().signal;
const operation = "/v3/sessions/s1/operations/o1";
const page = (n: number) => `${operation}/result/${n}?rowFormat=JSON`;
const columns = [
  { name: "day", logicalType: { type: "DATE" } },
  { name: "trips", logicalType: { type: "BIGINT" } },
];
const rows = (...fields: unknown[][]) => ({
  columns,
  data: fields.map((row) => ({ kind: "INSERT", fields: row })),
});
const payload = (next: number, ...fields: unknown[][]): Answer => ({
  body: { resultType: "PAYLOAD", nextResultUri: page(next), results: rows(...fields) },
});
const notReady: Answer = { body: { resultType: "NOT_READY", nextResultUri: page(0) } };
const end: Answer = { body: { resultType: "EOS", results: rows() } };

/** A gateway that gives the answers of a page one after the other; the last of them again and again. */
async function gateway(pages: Readonly<Record<string, Answer | readonly Answer[]>>) {
  const left = new Map(
    Object.entries(pages).map(([path, list]) => [path, Array.isArray(list) ? [...list] : [list]]),
  );
  const server = await fakeServer(({ method, path }) => {
    const list = left.get(path);
    if (list !== undefined) return (list.length > 1 ? list.shift() : list[0]) as Answer;
    if (path === "/v3/sessions") return { body: { sessionHandle: "s1" } };
    if (path === "/v3/sessions/s1/statements") return { body: { operationHandle: "o1" } };
    return method === "DELETE"
      ? { body: { status: "CLOSED" } }
      : { status: 404, body: { errors: [`no ${path}`] } };
  });
  const calls = () => server.requests.map(({ method, path }) => `${method} ${path}`);
  return { ...server, calls };
}

describe("a session of the gateway", () => {
  it("runs a statement to its end, over pages that are not ready, and closes what it opened", async () => {
    const { url, calls, requests } = await gateway({
      [page(0)]: [notReady, notReady, payload(1)],
      [page(1)]: end,
    });
    const session = await gatewaySession(url, never);
    await session.execute("SET 'a' = 'b'", never);
    await session.close();
    expect(calls()).toEqual([
      "POST /v3/sessions",
      "POST /v3/sessions/s1/statements",
      ...Array(3).fill(`GET ${page(0)}`),
      `GET ${page(1)}`,
      `DELETE ${operation}/close`,
      "DELETE /v3/sessions/s1",
    ]);
    expect(JSON.parse(requests[1]?.body ?? "")).toEqual({ statement: "SET 'a' = 'b'" });
  });

  it("keeps alive while a job is followed elsewhere, until it is closed", async () => {
    const { url, calls } = await gateway({ "/v3/sessions/s1/heartbeat": { body: {} } });
    const session = await gatewaySession(url, never, undefined, 20);
    const beats = () => calls().filter((one) => one === "POST /v3/sessions/s1/heartbeat").length;
    await vi.waitUntil(() => beats() > 2);
    await session.close();
    const until = beats();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(beats()).toBe(until);
  });

  it("collects the rows of all pages, NULLs and empty pages included", async () => {
    const { url } = await gateway({
      [page(0)]: payload(1, ["2019-01-01", 3]),
      [page(1)]: payload(2),
      [page(2)]: payload(3, ["2019-01-02", null], [null, 1]),
      [page(3)]: end,
    });
    const result = await (await gatewaySession(url, never)).query("SELECT 1", 100, never);
    expect(result).toEqual({
      columns: [
        { name: "day", type: "DATE" },
        { name: "trips", type: "BIGINT" },
      ],
      rows: [
        ["2019-01-01", 3],
        ["2019-01-02", null],
        [null, 1],
      ],
      truncated: false,
    });
  });

  it("stops at the limit, says so, and ends the operation", async () => {
    const { url, calls } = await gateway({ [page(0)]: payload(1, ["a", 1], ["b", 2], ["c", 3]) });
    const session = await gatewaySession(url, never);
    expect(await session.query("SELECT 1", 2, never)).toMatchObject({
      truncated: true,
      rows: [
        ["a", 1],
        ["b", 2],
      ],
    });
    expect(calls().at(-1)).toBe(`DELETE ${operation}/close`);
    expect(calls()).not.toContain(`GET ${page(1)}`);
  });

  it("hands rows on as they come, however many", async () => {
    const { url, calls } = await gateway({
      [page(0)]: payload(1, ["a", 1], ["b", 2]),
      [page(1)]: payload(2),
      [page(2)]: payload(3, ["c", null]),
      [page(3)]: end,
    });
    const seen: unknown[][] = [];
    const session = await gatewaySession(url, never);
    await session.eachRow("SELECT 1", (row) => void seen.push(row), never);
    expect(seen).toEqual([
      ["a", 1],
      ["b", 2],
      ["c", null],
    ]);
    expect(calls().at(-1)).toBe(`DELETE ${operation}/close`);
  });

  it("does not call exactly the limit truncated", async () => {
    const { url } = await gateway({ [page(0)]: payload(1, ["a", 1]), [page(1)]: end });
    expect(await (await gatewaySession(url, never)).query("SELECT 1", 1, never)).toMatchObject({
      truncated: false,
    });
  });
});

describe("when the gateway refuses", () => {
  const stack =
    "SqlExecutionException: Failed\n\tat a.b(C.java:1)\nCaused by: org.apache.flink.table.api.ValidationException: no table x\n\tat d.e(F.java:2)";

  it("gives Flink's reason, and closes the operation", async () => {
    const { url, calls } = await gateway({
      [page(0)]: { status: 500, body: { errors: ["Internal server error.", stack] } },
    });
    const session = await gatewaySession(url, never);
    const refused = session.execute("SELECT * FROM x", never);
    await expect(refused).rejects.toThrow(SqlError);
    await expect(refused).rejects.toMatchObject({ reason: "ValidationException: no table x" });
    expect(calls().at(-1)).toBe(`DELETE ${operation}/close`);
  });

  it("says that there is no session to be had, with the address", async () => {
    const { url } = await gateway({
      "/v3/sessions": { status: 500, body: { errors: ["too many sessions"] } },
    });
    const error = await problemOf(() => gatewaySession(url, never));
    expect(error).toMatchObject({ kind: "unavailable", code: "gateway_error", hint: "pipectl logs gateway" });
    expect(error.message).toBe(`the SQL gateway at ${url} answers HTTP 500: too many sessions`);
  });

  it("copes with an error page that is no JSON", async () => {
    const { url } = await gateway({ "/v3/sessions": { status: 502, body: "<h1>Bad Gateway</h1>" } });
    expect((await problemOf(() => gatewaySession(url, never))).message).toContain(
      "HTTP 502: <h1>Bad Gateway</h1>",
    );
  });

  it("is an error, no bug, when something else answers 200 with HTML", async () => {
    const { url } = await gateway({ "/v3/sessions": { body: "<!doctype html>" } });
    expect((await problemOf(() => gatewaySession(url, never))).code).toBe("gateway_error");
  });

  it("does not mind a session that cannot be closed", async () => {
    const { url } = await gateway({ "/v3/sessions/s1": { status: 500, body: "gone" } });
    await (await gatewaySession(url, never)).close();
  });

  it("ends a statement that is not ready when it is aborted, and closes it all the same", async () => {
    const stop = new AbortController();
    const { url, calls } = await gateway({ [page(0)]: notReady });
    const session = await gatewaySession(url, never);
    const running = session.execute("SELECT 1", stop.signal);
    await expect.poll(calls).toContain(`GET ${page(0)}`);
    stop.abort(new Error("interrupted"));
    await expect(running).rejects.toThrow();
    expect(calls().at(-1)).toBe(`DELETE ${operation}/close`);
  });
});

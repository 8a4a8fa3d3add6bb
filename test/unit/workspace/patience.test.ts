import { describe, expect, it } from "vitest";
import type { Patience } from "../../../src/core/ask-again.js";
import { gatewaySession } from "../../../src/flink/gateway.js";
import { followJob } from "../../../src/flink/jobs.js";
import { flinkRest } from "../../../src/flink/rest.js";
import { icebergCatalog } from "../../../src/iceberg/catalog.js";
import { problemOf } from "../../helpers/problem.js";
import { type Answer, fakeServer } from "../../helpers/server.js";

const never = new AbortController().signal;
const patience = (ms = 20_000): Patience => ({ ms, report: () => {} });

/** A server that is too busy for the first request of each kind, and then answers by path. */
async function busyAtFirst(answers: (path: string) => unknown, busy: Answer = { status: 503, body: "{}" }) {
  const asked: string[] = [];
  const server = await fakeServer(({ method, path }) => {
    const what = `${method} ${path}`;
    asked.push(what);
    return asked.filter((one) => one === what).length === 1 ? busy : { body: answers(path) };
  });
  return { ...server, asked };
}

describe("a client of the workspace asks again for what looks, and sends a write once", () => {
  it("Flink's REST API, also where one of Flink's processes did not answer another", async () => {
    const body = "java.util.concurrent.TimeoutException: Invocation of [RemoteRpcInvocation] timed out.";
    for (const busy of [{ status: 503 }, { status: 500, body }]) {
      const { url, asked } = await busyAtFirst(() => ({ jobs: [] }), busy);
      const flink = flinkRest(url, never, { patience: patience() });
      expect(await flink.jobs()).toEqual([]);
      expect((await problemOf(() => flink.cancel("1"))).code).toBe("flink_error");
      expect(asked).toEqual(["GET /jobs/overview", "GET /jobs/overview", "PATCH /jobs/1?mode=cancel"]);
    }
  });

  it("the gateway's pages of rows, and no statement", async () => {
    const { url, asked } = await busyAtFirst((path) =>
      path.includes("/result/") ? { resultType: "EOS" } : { sessionHandle: "s", operationHandle: "o" },
    );
    await problemOf(() => gatewaySession(url, never, undefined, undefined, patience()));
    const session = await gatewaySession(url, never, undefined, undefined, patience());
    expect((await problemOf(() => session.execute("SET", never))).code).toBe("gateway_error");
    await session.execute("SET", never);
    expect(asked.filter((what) => what.includes("/operations/o/result"))).toHaveLength(2);
    expect(asked.filter((what) => what.endsWith("/statements"))).toHaveLength(2);
    await session.close();
  });

  it("the catalog's tables, and drops one once", async () => {
    const id = { namespace: "bronze", table: "raw_trips" };
    const metadata = { "table-uuid": "u", "current-schema-id": 0, "last-column-id": 0, schemas: [] };
    const { url, asked } = await busyAtFirst(() => ({ metadata }));
    const catalog = icebergCatalog(url, never, undefined, patience());
    expect((await catalog.table(id))?.uuid).toBe("u");
    expect((await problemOf(() => catalog.dropTable(id))).code).toBe("catalog_error");
    expect(asked.map((what) => what.split(" ")[0])).toEqual(["GET", "GET", "DELETE"]);
  });

  it("a job is followed until its own time is up, however long Flink does not answer", async () => {
    let asked = 0;
    const { url } = await fakeServer(({ path }) => {
      // It has no patience of its own: what is left is the job's time.
      if (++asked < 4) return (response) => void response.destroy();
      const job = { jid: "1", name: "j", state: "FINISHED", "start-time": 0, duration: 1_000 };
      return { body: path.endsWith("/status") ? { status: "FINISHED" } : { jobs: [job] } };
    });
    const flink = flinkRest(url, never, { patience: patience(0) });
    const options = { submission: Promise.resolve(), timeoutMs: 20_000, report: () => {}, signal: never };
    expect(await followJob(flink, "j", options)).toMatchObject({ state: "FINISHED" });
  });
});

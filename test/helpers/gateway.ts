import type { Workspace } from "../../src/workspace/workspace.js";
import { fakeServer } from "./server.js";
import { inside } from "./workspace.js";

/**
 * A SQL gateway that has the rows of each query from a test, all of them on one page, and takes every other statement.
 *
 * @returns a runtime for `workspaceOf`, and the queries that came
 */
export async function fakeGateway(rowsOf: (query: string) => readonly (readonly unknown[])[]) {
  const queries: string[] = [];
  const results: (readonly (readonly unknown[])[])[] = [];
  const server = await fakeServer(({ path, body }) => {
    if (path === "/v3/sessions") return { body: { sessionHandle: "s" } };
    if (path === "/v3/sessions/s/statements") {
      const { statement } = JSON.parse(body) as { statement: string };
      const isQuery = /^[\s(]*(SELECT|EXPLAIN|DESCRIBE)\b/.test(statement);
      if (isQuery) queries.push(statement);
      results.push(isQuery ? rowsOf(statement) : []);
      return { body: { operationHandle: String(results.length - 1) } };
    }
    const [, operation] = /\/operations\/(\d+)\/result\/0/.exec(path) ?? [];
    if (operation === undefined) return { body: {} };
    const data = (results[Number(operation)] ?? []).map((fields) => ({ kind: "INSERT", fields }));
    return { body: { resultType: "EOS", results: { columns: [], data } } };
  });
  const runtime = { inside, gateway: async () => ({ url: server.url }) } as unknown as Workspace["runtime"];
  return { runtime, queries };
}

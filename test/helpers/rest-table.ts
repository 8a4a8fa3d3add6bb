import type { ServerResponse } from "node:http";
import { parseExact } from "../../src/core/json.js";
import { type Answer, fakeServer } from "./server.js";

/** What a catalog, or a proxy before it, does with a commit. */
export type Lie =
  | "honest"
  | "says 200, commits nothing"
  | `says ${500 | 503 | 504}, commits`
  | `says ${500 | 503 | 504}, commits nothing`
  | "closes the socket, commits"
  | "closes the socket, commits nothing"
  | "sends it twice";

type Refs = Record<string, { readonly "snapshot-id": string }>;

/**
 * A REST catalog with one table, `bronze.raw_trips`, whose snapshots 1, 2, … follow each other. Its commits are conditional, as
 * those of a real one, and it lies when told to.
 *
 * @param lies one for each commit; honest from then on
 * @param stale answers to looks that are still from before the last commit
 */
export async function restTable(
  refs: Readonly<Record<string, string>>,
  lies: readonly Lie[] = [],
  { stale = 0, snapshots = 4 } = {},
) {
  const toTell = [...lies];
  let staleLooks = 0;
  let before = "";
  const table = {
    refs: Object.fromEntries(Object.entries(refs).map(([ref, id]) => [ref, { "snapshot-id": id }])) as Refs,
    properties: {} as Record<string, string>,
    schemas: [{ "schema-id": 0, fields: [] as unknown[] }],
    commits: 0,
  };
  const metadata = () => ({
    ...{ "table-uuid": "u", "current-schema-id": table.schemas.length - 1, "last-column-id": 0 },
    ...{ schemas: table.schemas, refs: table.refs, properties: table.properties },
    snapshots: Array.from({ length: snapshots }, (_, i) => ({
      ...{ "snapshot-id": String(i + 1), "timestamp-ms": 1, summary: { operation: "append" } },
      ...(i === 0 ? {} : { "parent-snapshot-id": String(i) }),
    })),
  });
  const apply = (body: string): Answer => {
    const { requirements, updates } = parseExact(body) as {
      requirements: { type: string; ref: string; "snapshot-id": string | null }[];
      updates: Record<string, unknown>[];
    };
    for (const { type, ref, "snapshot-id": id } of requirements)
      if (type === "assert-ref-snapshot-id" && (table.refs[ref]?.["snapshot-id"] ?? null) !== asText(id))
        return { status: 409, body: { error: { message: `Requirement failed: ${ref}`, code: 409 } } };
    before = JSON.stringify({ metadata: metadata() });
    staleLooks = stale;
    table.commits += 1;
    for (const update of updates) {
      const ref = update["ref-name"] as string;
      if (update.action === "set-snapshot-ref")
        table.refs = { ...table.refs, [ref]: { "snapshot-id": asText(update["snapshot-id"]) as string } };
      if (update.action === "remove-snapshot-ref")
        table.refs = Object.fromEntries(Object.entries(table.refs).filter(([name]) => name !== ref));
      if (update.action === "set-properties")
        table.properties = { ...table.properties, ...(update.updates as Record<string, string>) };
      if (update.action === "add-schema")
        table.schemas = [
          ...table.schemas,
          { "schema-id": table.schemas.length, fields: (update.schema as { fields: unknown[] }).fields },
        ];
    }
    return { body: {} };
  };
  const hangUp = (response: ServerResponse) => void response.destroy();
  const server = await fakeServer(({ method, body }) => {
    if (method === "GET") {
      const old = staleLooks > 0;
      staleLooks -= old ? 1 : 0;
      return { body: old ? before : { metadata: metadata() } };
    }
    const lie = toTell.shift() ?? "honest";
    const made = /nothing/.test(lie) ? { body: {} } : apply(body);
    if (made.status === 409) return made;
    if (lie === "sends it twice") return apply(body);
    if (lie.startsWith("closes")) return hangUp;
    const status = Number(/says (\d+)/.exec(lie)?.[1] ?? 200);
    return status === 200 ? made : { status, body: { error: { message: "out of luck", code: status } } };
  });
  return { ...server, table, posts: () => server.requests.filter(({ method }) => method === "POST").length };
}

const asText = (id: unknown): string | null => (id === null || id === undefined ? null : String(id));

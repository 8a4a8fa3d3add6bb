import { describe, expect, it } from "vitest";
import { icebergCatalog, totalRecords } from "../../../src/iceberg/catalog.js";
import { freePorts } from "../../helpers/ports.js";
import { problemOf } from "../../helpers/problem.js";
import { type Answer, fakeServer } from "../../helpers/server.js";
import { snapshot } from "../../helpers/tables.js";

const id = { namespace: "bronze", table: "raw_trips" };
const path = "/v1/namespaces/bronze/tables/raw_trips";
/** One above what a JavaScript number can hold, and the largest that Iceberg can give. */
const odd = "9007199254740993";
const largest = "9223372036854775807";

async function catalog(answers: Readonly<Record<string, Answer | (() => Answer)>>) {
  const server = await fakeServer(({ method, path: asked }) => {
    const answer = answers[`${method} ${asked}`];
    if (answer === undefined) return { status: 404, body: { error: { message: `no ${asked}`, code: 404 } } };
    return typeof answer === "function" ? answer() : answer;
  });
  const calls = () => server.requests.map(({ method, path: asked }) => `${method} ${asked}`);
  return { ...server, calls, catalog: icebergCatalog(server.url, new AbortController().signal) };
}

const metadata = `{"metadata-location":"file:///m.json","metadata":{
  "format-version":2,"table-uuid":"7a5e-1","current-schema-id":1,"last-column-id":7,"properties":{"pipectl.account":"{}","n":"1"},
  "schemas":[{"schema-id":0,"fields":[{"name":"old"}]},{"schema-id":1,"fields":[{"id":1,"name":"a"},{"id":7,"name":"b"}]}],
  "snapshots":[
    {"snapshot-id":${odd},"timestamp-ms":1700000000000,"summary":{"operation":"append","total-records":"7"}},
    {"snapshot-id":${largest},"parent-snapshot-id":${odd},"timestamp-ms":1700000001000,
     "summary":{"operation":"overwrite","total-records":"9"}}],
  "refs":{"main":{"snapshot-id":${largest},"type":"branch"},"pipectl_x":{"snapshot-id":${odd},"type":"branch"}}}}`;

describe("table", () => {
  it("keeps 64-bit snapshot ids to the last digit", async () => {
    const { catalog: lake } = await catalog({ [`GET ${path}`]: { body: metadata } });
    const table = await lake.table(id);
    expect(table).toMatchObject({
      id,
      uuid: "7a5e-1",
      schema: {
        id: 1,
        fields: [
          { id: 1, name: "a" },
          { id: 7, name: "b" },
        ],
        lastColumnId: 7,
      },
      properties: { "pipectl.account": "{}", n: "1" },
      refs: { main: largest, pipectl_x: odd },
      current: { id: largest, parentId: odd, operation: "overwrite", timestampMs: 1_700_000_001_000 },
    });
    expect(table?.snapshots.map((one) => [one.id, one.parentId, one.summary])).toEqual([
      [odd, null, { "total-records": "7" }],
      [largest, odd, { "total-records": "9" }],
    ]);
    expect(totalRecords(table?.current)).toBe(9);
    expect(table?.metadataBytes).toBe(Buffer.byteLength(metadata));
  });

  it("reads a table that nothing was written to", async () => {
    const body = {
      metadata: { "table-uuid": "u", "current-schema-id": 0, schemas: [{ "schema-id": 0, fields: [] }] },
    };
    const { catalog: lake } = await catalog({ [`GET ${path}`]: { body } });
    expect(await lake.table(id)).toMatchObject({
      properties: {},
      snapshots: [],
      refs: {},
      current: undefined,
    });
  });

  it("is undefined when there is none", async () => {
    const { catalog: lake } = await catalog({});
    expect(await lake.table(id)).toBeUndefined();
  });
});

describe("commit", () => {
  const change = {
    id,
    assertRefs: { main: odd, gone: null },
    setRefs: { main: largest },
    removeRefs: ["pipectl_x"],
    setProperties: { "pipectl.account": '{"a":1}' },
  };

  it("sends the ids as numbers, to the last digit", async () => {
    const done = metadata.replace('"pipectl_x"', '"other"').replace('"{}"', JSON.stringify('{"a":1}'));
    const { catalog: lake, requests } = await catalog({
      [`POST ${path}`]: { body: {} },
      [`GET ${path}`]: { body: done },
    });
    await lake.commit(change);
    const { body } = requests[0] as { body: string };
    expect(body).toContain(`"ref":"main","snapshot-id":${odd}`);
    expect(body).toContain(`"snapshot-id":${largest}`);
    expect(JSON.parse(body)).toMatchObject({
      identifier: { namespace: ["bronze"], name: "raw_trips" },
      requirements: [
        { type: "assert-ref-snapshot-id", ref: "main" },
        { type: "assert-ref-snapshot-id", ref: "gone", "snapshot-id": null },
      ],
      updates: [
        { action: "set-snapshot-ref", "ref-name": "main", type: "branch" },
        { action: "remove-snapshot-ref", "ref-name": "pipectl_x" },
        { action: "set-properties", updates: { "pipectl.account": '{"a":1}' } },
      ],
    });
  });

  it("is a conflict when somebody else was quicker", async () => {
    const body = { error: { message: "Requirement failed: branch main has changed\nat x", code: 409 } };
    const { catalog: lake } = await catalog({ [`POST ${path}`]: { status: 409, body } });
    const error = await problemOf(() => lake.commit(change));
    expect(error).toMatchObject({ kind: "failed", code: "commit_conflict", exitCode: 1 });
    expect(error.message).toBe("committing to bronze.raw_trips: Requirement failed: branch main has changed");
  });
});

describe("createTable", () => {
  const definition = {
    fields: [
      { name: "a", type: "int", required: true },
      { name: "day", type: "date", required: false, doc: "the day" },
    ],
    partitionBy: ["day"],
    properties: { "format-version": "2" },
  };

  it("creates the namespace first, and numbers columns and partition fields", async () => {
    const {
      catalog: lake,
      requests,
      calls,
    } = await catalog({
      "POST /v1/namespaces": { body: {} },
      "POST /v1/namespaces/bronze/tables": { body: {} },
      [`GET ${path}`]: { body: metadata },
    });
    expect(await lake.createTable(id, definition)).toBe(true);
    expect(calls()).toContain("POST /v1/namespaces");
    expect(JSON.parse(requests.at(-2)?.body ?? "")).toMatchObject({
      name: "raw_trips",
      schema: {
        type: "struct",
        fields: [
          { id: 1, name: "a", type: "int", required: true },
          { id: 2, name: "day", type: "date", required: false, doc: "the day" },
        ],
      },
      "partition-spec": {
        fields: [{ "source-id": 2, "field-id": 1000, transform: "identity", name: "day" }],
      },
      properties: { "format-version": "2" },
    });
  });

  it.each([
    ["says 200 and makes none", { body: {} }, "commit_unseen"],
    ["fails", { status: 500, body: { error: { message: "out of luck" } } }, "catalog_error"],
  ])("is not content where the catalog %s", async (_how, answer, code) => {
    const { catalog: lake } = await catalog({
      "GET /v1/namespaces/bronze": { body: {} },
      "POST /v1/namespaces/bronze/tables": answer,
    });
    expect(await problemOf(() => lake.createTable(id, definition))).toMatchObject({
      kind: "unavailable",
      code,
    });
  });

  it("is content with a namespace and a table that are there", async () => {
    const { catalog: lake } = await catalog({
      "GET /v1/namespaces/bronze": { body: {} },
      "POST /v1/namespaces/bronze/tables": { status: 409, body: { error: { message: "exists" } } },
      [`GET ${path}`]: { body: metadata },
    });
    expect(await lake.createTable(id, definition)).toBe(false);
  });

  it("is content when another run made the namespace meanwhile, whatever the catalog answers to that", async () => {
    let asked = 0;
    const { catalog: lake } = await catalog({
      "GET /v1/namespaces/bronze": () => ({ status: asked++ === 0 ? 404 : 200, body: {} }),
      "POST /v1/namespaces": { status: 500, body: { error: { message: "UNIQUE constraint failed" } } },
      "POST /v1/namespaces/bronze/tables": { body: {} },
      [`GET ${path}`]: { body: metadata },
    });
    expect(await lake.createTable(id, definition)).toBe(true);
  });

  it("says why a namespace cannot be made", async () => {
    const { catalog: lake } = await catalog({
      "POST /v1/namespaces": { status: 403, body: { error: { message: "no" } } },
    });
    const error = await problemOf(() => lake.createTable(id, definition));
    expect(error).toMatchObject({ kind: "failed", code: "catalog_error" });
    expect(error.message).toContain("creating namespace bronze");
  });
});

describe("dropTable", () => {
  it.each([200, 204, 404])("is content with %d, and leaves the files", async (status) => {
    const { catalog: lake, calls } = await catalog({
      [`DELETE ${path}?purgeRequested=false`]: { status, body: "" },
    });
    await lake.dropTable(id);
    expect(calls()).toEqual([`DELETE ${path}?purgeRequested=false`]);
  });
});

describe("when the catalog is in trouble", () => {
  it("says 500 with its words and address, and exits 3", async () => {
    const { catalog: lake, url } = await catalog({
      [`GET ${path}`]: { status: 500, body: { error: { message: "SQLITE_BUSY\n\tat a.b", code: 500 } } },
    });
    const error = await problemOf(() => lake.table(id));
    expect(error).toMatchObject({
      kind: "unavailable",
      code: "catalog_error",
      exitCode: 3,
      hint: "pipectl logs catalog",
    });
    expect(error.message).toBe(
      `loading bronze.raw_trips: the Iceberg catalog at ${url} answers HTTP 500: SQLITE_BUSY`,
    );
  });

  it("says so of an answer without a body", async () => {
    const { catalog: lake } = await catalog({ "GET /v1/config": { status: 502, body: "" } });
    expect((await problemOf(() => lake.ping())).message).toContain("HTTP 502");
  });

  it.each([200, 404])("says that something else listens there, when HTML comes with %d", async (status) => {
    const { catalog: lake, url } = await catalog({ [`GET ${path}`]: { status, body: "<!doctype html>" } });
    const error = await problemOf(() => lake.table(id));
    expect(error).toMatchObject({ kind: "unavailable", code: "catalog_error" });
    expect(error.message).toBe(`${url}${path} does not answer with JSON: is it an Iceberg REST catalog?`);
  });

  it("names the address where nobody listens", async () => {
    const [port] = await freePorts(1);
    const error = await problemOf(() =>
      icebergCatalog(`http://127.0.0.1:${port}`, new AbortController().signal).ping(),
    );
    expect(error.message).toContain(`the Iceberg catalog does not answer on http://127.0.0.1:${port}`);
  });
});

it("counts no rows without a snapshot", () => {
  expect(totalRecords(undefined)).toBe(0);
  expect(totalRecords(snapshot("1", null))).toBe(0);
});

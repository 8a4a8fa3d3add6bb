import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { unavailable } from "../../../../src/core/errors.js";
import type { RunSession } from "../../../../src/execution/run-session.js";
import type { JobState } from "../../../../src/flink/rest.js";
import { icebergCatalog, type Table, type TableId } from "../../../../src/iceberg/catalog.js";
import { branchOf } from "../../../../src/lake/branches.js";
import { tableDefinitions } from "../../../../src/lake/definitions.js";
import { accountProperty } from "../../../../src/ledger/account.js";
import { processBronze } from "../../../../src/pipeline/ingest/bronze.js";
import { temporaryProject } from "../../../helpers/folder.js";
import { fakeGateway } from "../../../helpers/gateway.js";
import { problemOf } from "../../../helpers/problem.js";
import { fakeServer } from "../../../helpers/server.js";
import {
  accountOf,
  icebergTable,
  landedPartition,
  landing,
  schemaOf,
  snapshot,
  topicId,
  topicOf,
  withAccount,
} from "../../../helpers/tables.js";
import { configOf, taxi, workspaceOf } from "../../../helpers/workspace.js";

const root = temporaryProject();
const run = "20260101T120000-ab12";
const branch = branchOf(run);
const definitions = tableDefinitions(taxi);
const schema = (kind: "bronze" | "dlq" | "silver") => schemaOf(definitions[kind]);
const account = accountOf({ partitions: [landedPartition(0, 10, { dlq: 1 })] });
const before = (id: string, rows: number) =>
  snapshot(id, null, { summary: { "total-records": String(rows) } });

interface Story {
  /** Rows that the job leaves on the branches, by partition. */
  readonly wrote: { bronze: Record<number, number>; dlq: Record<number, number> };
  readonly state?: JobState;
  /** Flink knows the job no more: its JobManager was started anew. */
  readonly forgotten?: boolean;
  /** What the catalog says to the publication of a table; it agrees unless told. */
  readonly publication?: (table: string) => number;
  readonly commitOffsets?: () => Promise<void>;
  /** What Kafka has become by the time that the job has run. */
  readonly idLater?: string;
  readonly firstLater?: number;
  /** Records that a count in Kafka finds in the range taken, by partition. */
  readonly inKafka?: Record<number, number>;
  /** Rows of each partition that got no hash. */
  readonly hashless?: number;
}

/** One run over a topic with 15 offsets, of which 10 have landed, and a partition that is new and has 5. */
async function story({
  wrote,
  state = "FINISHED",
  forgotten = false,
  publication = () => 200,
  commitOffsets = async () => {},
  idLater = topicId,
  firstLater = 4,
  inKafka = { 0: 5, 1: 5 },
  hashless = 0,
}: Story) {
  const executed: string[] = [];
  const grouped: Map<number, number>[] = [];
  // What Ctrl-C shall not end goes to the catalog by HTTP, with a signal of its own: publication and clean-up.
  const made = new Map<string, ReturnType<typeof publicationOf>>();
  const catalog = await fakeServer(({ method, path, body }) => {
    if (method === "GET") return { body: tableByHttp(made.get(path)) };
    const status = isPublication(body) ? publication(path.split("/").at(-1) ?? "") : 200;
    if (status === 200) made.set(path, publicationOf(body));
    return { status, body: status === 200 ? {} : { error: { message: "branch main has changed" } } };
  });
  let ran = false;
  const tables = (): Record<string, Table> => {
    const at = (kind: "bronze" | "dlq", id: string, rows: number, written: Record<number, number>) => {
      const old = before(id, rows);
      const more = {
        id: taxi.tables[kind],
        schema: schema(kind),
        properties: kind === "bronze" ? withAccount(account) : {},
      };
      if (!ran) return icebergTable([old], more);
      const total = Object.values(written).reduce((sum, n) => sum + n, rows);
      return icebergTable([old, landing(`${id}00`, id, written, total)], {
        ...more,
        refs: { main: id, [branch]: `${id}00` },
      });
    };
    return {
      raw_trips: at("bronze", "1", 9, wrote.bronze),
      raw_trips_dlq: at("dlq", "2", 1, wrote.dlq),
      cleaned_trips: icebergTable([], { id: taxi.tables.silver, schema: schema("silver") }),
    };
  };
  const session: RunSession = {
    run,
    open: () => {},
    prepared: () => false,
    prepare: async (files) => void executed.push(files.get("01_source") ?? ""),
    get: async () => ({
      execute: async (statement) => {
        executed.push(statement);
        ran = true;
      },
      close: async () => {},
    }),
    close: async () => {},
  };
  const job = { id: "0a", name: `pipectl bronze taxi ${run}`, startTime: 1, durationMs: 1_000, state };
  const { runtime } = await fakeGateway(() =>
    (["bronze", "dlq"] as const).flatMap((kind) =>
      Object.entries(wrote[kind]).map(([partition, rows]) => [
        ...[Number(partition), kind, rows, rows - hashless, String(rows * 7)],
      ]),
    ),
  );
  const workspace = workspaceOf({
    runtime,
    config: { ...configOf(), root },
    kafka: {
      topicOffsets: async () =>
        topicOf(
          [
            { partition: 0, first: ran ? firstLater : 4, end: 15 },
            { partition: 1, first: 0, end: 5 },
          ],
          ran ? idLater : topicId,
        ),
      countRecords: async (_topic, { partition }) => inKafka[partition] ?? Number.NaN,
      commitOffsets: async (_group, _topic, offsets) => {
        grouped.push(new Map(offsets));
        await commitOffsets();
      },
    },
    flink: {
      url: "http://127.0.0.1:8081",
      jobs: async () => (ran ? [job] : []),
      jobState: async () => (forgotten ? undefined : state),
      rootCause: async () => "IOException: disk full",
      recordsRead: async () => 10,
    },
    catalog: {
      table: async ({ table }: TableId) => tables()[table],
      commit: async () => {},
    },
    unaborted: { catalog: icebergCatalog(catalog.url, new AbortController().signal) },
  });
  const result = processBronze(workspace, session, false);
  result.catch(() => {});
  const sent = () => catalog.requests.filter(({ method }) => method === "POST").map(({ body }) => body);
  const published = () => sent().filter(isPublication).map(publicationOf);
  const dropped = () => sent().filter((body) => !isPublication(body));
  return { result, published, dropped, executed, grouped, events: workspace.events };
}

/** The table as the catalog's own answer has it: the run's branch is there until it is published or dropped. */
const tableByHttp = (made?: ReturnType<typeof publicationOf>) => ({
  metadata: {
    "table-uuid": "u",
    "current-schema-id": 0,
    schemas: [{ "schema-id": 0, fields: [] }],
    properties: made === undefined ? {} : { [accountProperty]: JSON.stringify(made.account) },
    refs: {
      main: { "snapshot-id": made?.sets.main ?? 1 },
      ...(made === undefined ? { [branch]: { "snapshot-id": 100 } } : {}),
    },
  },
});

const isPublication = (body: string) => body.includes('"ref":"main"');

/** A publication in short: what it requires, and what it does. */
function publicationOf(body: string) {
  const { identifier, requirements, updates } = JSON.parse(body) as {
    identifier: { name: string };
    requirements: { ref: string; "snapshot-id": number | null }[];
    updates: {
      action: string;
      "ref-name"?: string;
      "snapshot-id"?: number;
      updates?: Record<string, string>;
    }[];
  };
  return {
    table: identifier.name,
    requires: Object.fromEntries(requirements.map((one) => [one.ref, one["snapshot-id"]])),
    sets: Object.fromEntries(
      updates.flatMap((one) =>
        one.action === "set-snapshot-ref" ? [[one["ref-name"], one["snapshot-id"]]] : [],
      ),
    ),
    removes: updates.flatMap((one) => (one.action === "remove-snapshot-ref" ? [one["ref-name"]] : [])),
    account: JSON.parse(
      updates.find(({ action }) => action === "set-properties")?.updates?.[accountProperty] ?? "null",
    ),
  };
}

const right = { bronze: { 0: 4, 1: 5 }, dlq: { 0: 1 } };

describe("processBronze", () => {
  it("publishes rows and positions in one commit, then the dead letters, when they add up", async () => {
    const { result, published, grouped } = await story({ wrote: right });
    expect(await result).toEqual({
      job: expect.objectContaining({ id: "0a", state: "FINISHED" }),
      bronze: { added: 9, total: 18 },
      dlq: { added: 1, total: 2 },
    });
    expect(published()).toEqual([
      {
        table: "raw_trips",
        requires: { main: 1, [branch]: 100 },
        sets: { main: 100 },
        removes: [branch],
        account: {
          ...account,
          run,
          bronzeSnapshot: "100",
          dlqSnapshot: "200",
          hashForm: 1,
          // Rows from before have no hash.
          partitions: [
            landedPartition(0, 15, {
              ...{ dlq: 2, hashes: { bronze: { rows: 4, sum: "28" }, dlq: { rows: 1, sum: "7" } } },
            }),
            landedPartition(1, 5, {
              hashes: { bronze: { rows: 5, sum: "35" }, dlq: { rows: 0, sum: "0" } },
            }),
          ],
        },
      },
      {
        table: "raw_trips_dlq",
        requires: { main: 2, [branch]: 200 },
        sets: { main: 200 },
        removes: [branch],
        account: null,
      },
    ]);
    expect(grouped).toEqual([
      new Map([
        [0, 15],
        [1, 5],
      ]),
    ]);
  });

  it("submits what build/sql then holds: exact offsets, and the run's branch", async () => {
    const { result, executed } = await story({ wrote: right });
    await result;
    const sql = executed.join("\n");
    expect(sql).toContain("'partition:0,offset:10;partition:1,offset:0'");
    expect(sql).toContain("'partition:0,offset:15;partition:1,offset:5'");
    expect(sql).toContain(`OPTIONS('branch' = '${branch}')`);
    expect(readFileSync(join(root, "build/sql/01_source.sql"), "utf8")).toBe(executed[0]);
  });

  it.each([
    ["a row too few", { bronze: { 0: 4, 1: 4 }, dlq: { 0: 1 } }],
    ["a row twice", { bronze: { 0: 5, 1: 5 }, dlq: { 0: 1 } }],
    ["rows in the wrong partition", { bronze: { 0: 5, 1: 4 }, dlq: { 0: 1 } }],
  ])("publishes nothing with %s, and drops both branches", async (_name, wrote) => {
    const { result, published, dropped, grouped } = await story({ wrote });
    expect(await problemOf(() => result)).toMatchObject({ code: "audit_failed", exitCode: 1 });
    expect(published()).toEqual([]);
    expect(dropped()).toHaveLength(2);
    expect(grouped).toEqual([]);
  });

  it("publishes nothing when a row got no hash: nobody could tell later who wrote it", async () => {
    const { result, published, dropped } = await story({ wrote: right, hashless: 1 });
    const { code, message } = await problemOf(() => result);
    expect([code, message]).toEqual([
      "audit_failed",
      expect.stringContaining("partition 0: 4 rows for bronze, of which 4 can be read and 3 have a hash"),
    ]);
    expect(published()).toEqual([]);
    expect(dropped()).toHaveLength(2);
  });

  it("publishes fewer rows than offsets, when Kafka has no more records, and names the rest", async () => {
    const { result, published } = await story({
      wrote: { bronze: { 0: 2, 1: 5 }, dlq: { 0: 1 } },
      inKafka: { 0: 3 },
    });
    await result;
    expect(published()[0]?.account.partitions).toMatchObject([
      landedPartition(0, 15, { dlq: 2, withoutRecord: 2 }),
      landedPartition(1, 5),
    ]);
  });

  it("publishes nothing when Kafka removed records while the job read them", async () => {
    const { result, published, dropped } = await story({
      wrote: { bronze: { 0: 2, 1: 5 }, dlq: { 0: 1 } },
      firstLater: 12,
      inKafka: { 0: 3 },
    });
    const error = await problemOf(() => result);
    expect(error).toMatchObject({ code: "records_lost" });
    expect(error.message).toContain("partition 0 now begins at offset 12, the job began at 10");
    expect(published()).toEqual([]);
    expect(dropped()).toHaveLength(2);
  });

  it("publishes nothing when the topic was made again while the job read it", async () => {
    const { result, published, dropped } = await story({ wrote: right, idLater: "another" });
    expect(await problemOf(() => result)).toMatchObject({ code: "topic_remade" });
    expect(published()).toEqual([]);
    expect(dropped()).toHaveLength(2);
  });

  it("publishes nothing of a job that FAILED", async () => {
    const { result, published, dropped } = await story({ wrote: right, state: "FAILED" });
    const error = await problemOf(() => result);
    expect(error.code).toBe("job_failed");
    expect(error.message).toContain("disk full");
    expect(published()).toEqual([]);
    expect(dropped()).toHaveLength(2);
  });

  it("publishes nothing of a job that Flink has forgotten", async () => {
    const { result, published, dropped } = await story({ wrote: right, forgotten: true });
    expect(await problemOf(() => result)).toMatchObject({
      code: "job_missing",
      hint: expect.stringContaining("pipectl process"),
    });
    expect(published()).toEqual([]);
    expect(dropped()).toHaveLength(2);
  });

  it("does not move the group when somebody else published meanwhile", async () => {
    const { result, dropped, grouped, published, events } = await story({
      wrote: right,
      publication: () => 409,
    });
    expect((await problemOf(() => result)).code).toBe("commit_conflict");
    expect(published().map(({ table }) => table)).toEqual(["raw_trips"]);
    expect(dropped()).toHaveLength(2);
    expect(JSON.stringify(events)).toContain("nothing was published");
    expect(grouped).toEqual([]);
  });

  it("drops nothing, and claims nothing, when the catalog does not say what became of the commit", async () => {
    const { result, dropped, published, events } = await story({ wrote: right, publication: () => 500 });
    expect(await problemOf(() => result)).toMatchObject({ code: "catalog_error", exitCode: 3 });
    expect(new Set(published().map(({ table }) => table))).toEqual(new Set(["raw_trips"]));
    expect(dropped()).toEqual([]);
    expect(JSON.stringify(events)).toContain("the catalog's answer is missing: pipectl validate tells");
  });

  it("keeps the branch of dead letters that could not follow bronze: the next run publishes them", async () => {
    const { result, dropped, grouped } = await story({
      wrote: right,
      publication: (table) => (table === "raw_trips" ? 200 : 500),
    });
    const error = await problemOf(() => result);
    expect(error).toMatchObject({ code: "publication_unfinished", exitCode: 3 });
    expect(error.hint).toBe("pipectl process finishes it");
    expect(dropped()).toEqual([]);
    expect(grouped).toEqual([]);
  });

  it("has landed although the consumer group cannot show it: that is a warning", async () => {
    const { result, published, events } = await story({
      wrote: right,
      commitOffsets: async () => {
        throw unavailable("kafka_unreachable", "Kafka does not answer");
      },
    });
    expect(await result).toMatchObject({ bronze: { added: 9 } });
    expect(published()).toHaveLength(2);
    expect(events.filter(({ type }) => type === "warning")).toHaveLength(1);
  });
});

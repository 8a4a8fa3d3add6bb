import { describe, expect, it } from "vitest";
import type { Dataset } from "../../../src/dataset/types.js";
import { inlineCompaction } from "../../../src/execution/inline-compaction.js";
import { type RunContext, sqlContext } from "../../../src/execution/sql-context.js";
import type { Inside } from "../../../src/runtime/runtime.js";
import { type FileName, renderFiles } from "../../../src/sql/files.js";
import { splitStatements } from "../../../src/sql/statements.js";
import { root } from "../../helpers/folder.js";
import { configOf, taxi } from "../../helpers/workspace.js";

const inside: Inside = {
  kafka: "kafka:19092",
  kafkaProperties: {},
  secrets: {},
  catalog: {
    uri: "http://catalog:8181",
    warehouse: "file:///srv/it's/warehouse",
    "s3.path-style-access": "true",
  },
};
const render = (name: FileName, run: Partial<RunContext>, dataset: Dataset = taxi, config = configOf()) =>
  renderFiles(root, [name], sqlContext(config, dataset, inside, { run: "r1", ...run })).get(name) as string;

describe("a run", () => {
  it("reads exactly its ranges, every partition named", () => {
    const ranges = [
      { partition: 0, start: 10, end: 20, lost: 0, skipped: 0, present: 0 },
      { partition: 1, start: 7, end: 7, lost: 0, skipped: 0, present: 0 },
    ];
    const sql = render("01_source", { ranges });
    expect(sql).toContain("'scan.startup.mode' = 'specific-offsets'");
    expect(sql).toContain("'scan.startup.specific-offsets' = 'partition:0,offset:10;partition:1,offset:7'");
    expect(sql).toContain("'scan.bounded.mode' = 'specific-offsets'");
    expect(sql).toContain("'scan.bounded.specific-offsets' = 'partition:0,offset:20;partition:1,offset:7'");
    expect(sql).not.toContain("latest-offset");
  });

  it("writes both tables to its branch, under its incarnation and name, in one statement set", () => {
    const [name, set, ...more] = splitStatements(
      "f",
      render("05_bronze", { branch: "pipectl_r1", incarnation: 3 }),
    );
    expect(more).toEqual([]);
    expect(name?.sql).toBe("SET 'pipeline.name' = 'pipectl bronze taxi r1'");
    expect(set?.sql.match(/\/\*\+ OPTIONS\('branch' = 'pipectl_r1'\) \*\//g)).toHaveLength(2);
    expect(set?.sql.match(/^ {2}3,$/gm)).toHaveLength(2);
  });

  it("names Kafka and every property of the catalog as Flink's processes reach them", () => {
    expect(render("01_source", {})).toContain("'properties.bootstrap.servers' = 'kafka:19092'");
    expect(render("00_catalog", {})).toContain("'uri' = 'http://catalog:8181',");
    expect(render("00_catalog", {})).toContain("'s3.path-style-access' = 'true'\n);");
  });

  it("keeps a quote in a path within its literal", () => {
    expect(render("00_catalog", {})).toContain("'warehouse' = 'file:///srv/it''s/warehouse'");
  });
});

describe("compaction in the stream", () => {
  const config = configOf({ MODE: "streaming_bronze", MAINTENANCE: "inline" });

  it("is asked of the sinks of both tables, which are Iceberg's newer ones", () => {
    const statements = splitStatements("f", render("07_streaming_bronze", {}, taxi, config));
    expect(statements.map(({ sql }) => sql)).toContain("SET 'table.exec.iceberg.use-v2-sink' = 'true'");
    expect(statements.at(-1)?.sql.match(/'flink-maintenance\.rewrite\.enabled' = 'true'/g)).toHaveLength(2);
  });

  it("is not asked of the batch run that mends a hole before the stream begins", () => {
    const sql = render("05_bronze", { batch: true, branch: "pipectl_r1" }, taxi, config);
    expect(sql).toBe(render("05_bronze", { branch: "pipectl_r1" }));
  });

  it("takes in whole groups of files: Iceberg would rewrite none at all that is larger than a run may be", () => {
    const bytes = (name: string) => Number(inlineCompaction[`flink-maintenance.rewrite.${name}`]);
    expect(bytes("min-file-size-bytes")).toBeLessThan(bytes("max-file-group-size-bytes"));
    expect(bytes("max-file-group-size-bytes")).toBeLessThanOrEqual(bytes("max-bytes"));
  });
});

describe("silver", () => {
  const silver = {
    readOptions: { "start-snapshot-id": "1", "end-snapshot-id": "9007199254740993" },
    dates: [],
    unit: "day" as const,
  };

  it("reads what was added between two snapshots", () => {
    expect(render("06_silver", { silver })).toContain(
      "FROM `lake`.`bronze`.`raw_trips` /*+ OPTIONS('start-snapshot-id' = '1', 'end-snapshot-id' = '9007199254740993') */",
    );
  });

  it("merges the dates touched, sorted, with the rows that silver has", () => {
    const sql = render("06_silver", {
      silver: { ...silver, dates: ["2019-01-03", "2019-01-01"], unit: "day" as const },
    });
    expect(sql).toContain("BETWEEN DATE '2019-01-01' AND DATE '2019-01-03'");
    expect(sql).toContain("IN (DATE '2019-01-01', DATE '2019-01-03')");
    expect(sql).toContain("UNION ALL");
    expect(render("06_silver", { silver })).not.toContain("UNION ALL");
  });

  it("keeps to a range of dates", () => {
    const range = { from: "2019-01-01", to: "2019-01-31" };
    expect(render("06_silver", { silver: { ...silver, range } })).toContain(
      "AND CAST(CAST(tpep_pickup_datetime AS DATE) AS DATE) BETWEEN DATE '2019-01-01' AND DATE '2019-01-31'",
    );
  });

  it("keeps the earliest of identical rows, and the latest where the last one wins", () => {
    const orderOf = (wins: "identical" | "last") =>
      /ORDER BY (.*)/.exec(render("06_silver", {}, { ...taxi, silver: { ...taxi.silver, wins } }))?.[1];
    expect(orderOf("identical")).toBe("kafka_incarnation, kafka_timestamp, kafka_partition, kafka_offset");
    expect(orderOf("last")).toBe(
      "kafka_incarnation DESC, kafka_timestamp DESC, kafka_partition DESC, kafka_offset DESC",
    );
  });
});

describe("continuous silver", () => {
  const file = "08_streaming_silver";
  const silverStream = { keysOnly: false, from: "9007199254740993", known: "7" };

  it("learns the keys of a silver snapshot in a job that never looks at bronze, and is not restarted", () => {
    const sql = render(file, { silverStream: { ...silverStream, keysOnly: true } });
    expect(sql).toContain("FROM `lake`.`silver`.`cleaned_trips` /*+ OPTIONS('snapshot-id' = '7') */");
    expect(sql).toContain("'monitor-interval' = '365 d'");
    expect(sql).toContain("SET 'restart-strategy.type' = 'none';");
    expect(sql).toContain("SET 'pipeline.name' = 'pipectl silver keys taxi r1';");
  });

  it("then follows bronze from a snapshot on, and writes what was not known", () => {
    const sql = render(file, { silverStream });
    expect(sql).toContain(
      "OPTIONS('streaming' = 'true', 'monitor-interval' = '1 s', 'starting-strategy' = 'INCREMENTAL_FROM_SNAPSHOT_ID', 'start-snapshot-id' = '9007199254740993')",
    );
    expect(sql).not.toContain("restart-strategy");
    expect(sql).toContain("SET 'pipeline.name' = 'pipectl streaming silver taxi r1';");
    expect(sql).toContain("WHERE row_rank = 1 AND NOT pipectl_known");
  });

  it("is the same job both times, but for where it reads", () => {
    const statement = (keysOnly: boolean) =>
      splitStatements("f", render(file, { silverStream: { ...silverStream, keysOnly } }))
        .at(-1)
        ?.sql.replace(/\/\*\+ OPTIONS\(.*?\) \*\//g, "");
    expect(statement(true)).toBe(statement(false));
  });

  it("takes all that comes where bronze was empty", () => {
    const sql = render(file, { silverStream: { keysOnly: false, from: null, known: null } });
    expect(sql).toContain("'starting-strategy' = 'INCREMENTAL_FROM_EARLIEST_SNAPSHOT'");
    expect(sql).not.toContain("snapshot-id");
  });

  it("makes silver's columns as the batch file does", () => {
    const made = (sql: string) =>
      sql.match(/^ {6}CAST\((?!NULL).*$/gm)?.filter((line) => !/kafka_/.test(line));
    expect(made(render(file, {}))).toEqual(made(render("06_silver", {})));
  });
});

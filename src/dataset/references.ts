import type { z } from "zod";
import { isNested, parseColumnType } from "./column-type.js";
import { formerIncarnationColumn, incarnationColumn } from "./incarnation.js";
import type { Path, Problem } from "./manifest-file.js";
import { qualityProblems, type SilverField } from "./quality-check.js";
import { columnSchema, manifestSchema, silverSchema, snakeCase } from "./schema.js";
import { syntheticProblems } from "./synthetic/check.js";
import { recordColumns } from "./types.js";

/** Columns that bronze adds to those of the dataset (the data contract in docs/architecture.md). */
export const bronzeOwnColumns = [
  "extra_fields",
  incarnationColumn,
  // Nobody else may have it: expressions of before mean the one above by it.
  formerIncarnationColumn,
  "kafka_partition",
  "kafka_offset",
  "kafka_timestamp",
  "ingestion_ts",
  "row_hash",
] as const;

/** Columns of the source table beside the fields of a record (templates/01_source.sql.tmpl). */
export const sourceOwnColumns: readonly string[] = [
  ...["kafka_key", "extra_fields", "parse_error", "raw_value", "pipectl_hash"],
  ...["kafka_partition", "kafka_offset", "kafka_timestamp"],
];

/** Columns that silver's SQL needs beside silver's own (templates/06_silver.sql.tmpl, 08_streaming_silver.sql.tmpl). */
export const silverOwnColumns: readonly string[] = [
  ...[incarnationColumn, formerIncarnationColumn],
  ...["kafka_partition", "kafka_offset", "kafka_timestamp"],
  ...["row_rank", "pipectl_known"],
];

type RawColumn = z.infer<typeof columnSchema>;
type RawSilver = z.infer<typeof silverSchema>;
type Report = (path: Path, message: string) => void;

/**
 * Checks that a schema cannot make: references to unknown columns, and duplicate names. Parts with a wrong shape are skipped, so that one
 * run reports these problems together with the schema's.
 */
export function referenceProblems(content: unknown): Problem[] {
  const root = asObject(content);
  const problems: Problem[] = [];
  const report: Report = (path, message) => problems.push({ path, message });
  const columns = (Array.isArray(root.columns) ? root.columns : []).map(usableColumn);
  if (columns.length === 0) return problems;
  checkColumns(columns, report);

  const byName = new Map(columns.map((column) => [column.name, column]));
  const known = (name: string, path: Path) => {
    if (!byName.has(name)) report(path, `there is no column ${name}`);
  };
  const keyed = (name: string, path: Path) => {
    known(name, path);
    const type = parseColumnType(byName.get(name)?.type ?? "");
    if (type !== undefined && isNested(type))
      report(path, `${name} is ${type.sql}, which cannot be in a key`);
  };
  manifestSchema.shape.message_key.safeParse(root.message_key).data?.forEach((name, index) => {
    keyed(name, ["message_key", index]);
  });
  const eventTime = manifestSchema.shape.event_time.safeParse(root.event_time).data;
  if (eventTime !== undefined) {
    known(eventTime, ["event_time"]);
    const type = byName.get(eventTime)?.type;
    const kind = parseColumnType(type ?? "")?.kind;
    if (kind !== undefined && !["timestamp", "timestamp_ltz", "date"].includes(kind)) {
      report(["event_time"], `${eventTime} is ${type}: the event time must be a TIMESTAMP or a DATE`);
    }
  }
  const silver = usableSilver(root.silver);
  const isRecord = recordColumns.every((name) => silver.natural_key?.includes(name));
  silver.natural_key?.forEach((name, index) => {
    if (!isRecord) keyed(name, ["silver", "natural_key", index]);
  });
  if (isRecord && silver.natural_key?.length !== recordColumns.length) {
    report(["silver", "natural_key"], `${recordColumns.join(", ")} need no other column beside them`);
  }
  checkSilverNames(columns, silver, report);
  const quality = manifestSchema.shape.quality.safeParse(root.quality).data ?? [];
  problems.push(...qualityProblems(quality, silverFields(columns, silver)));
  const synthetic = manifestSchema.shape.synthetic.safeParse(root.synthetic).data;
  // A wrong event time would cause follow-up problems here.
  if (synthetic && eventTime === undefined) report(["synthetic"], "needs an event_time");
  if (synthetic && eventTime !== undefined && !problems.some(({ path }) => path[0] === "event_time")) {
    problems.push(...syntheticProblems(synthetic, byName, eventTime, silver.natural_key ?? []));
  }
  return problems;
}

const asObject = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};

/** The column, or at least its name if something about it is wrong. */
function usableColumn(raw: unknown): RawColumn {
  const { name } = asObject(raw);
  return (
    columnSchema.safeParse(raw).data ?? {
      name: typeof name === "string" ? name : "",
      type: "",
      nullable: true,
      aliases: [],
      silver: false,
      required: true,
      description: "",
    }
  );
}

/** The valid parts of `silver:`. */
function usableSilver(raw: unknown): Partial<RawSilver> {
  const entries = Object.entries(silverSchema.shape).map(([key, schema]) => [
    key,
    schema.safeParse(asObject(raw)[key]).data,
  ]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function checkColumns(columns: readonly RawColumn[], report: Report) {
  // Engines that read these tables treat names that differ only in case as equal.
  const taken = new Map<string, string>(
    bronzeOwnColumns.map((name) => [name, "a column that bronze adds itself"]),
  );
  const spelled = new Map<string, string>(
    sourceOwnColumns.map((name) => [name, "what pipectl itself knows of a record"]),
  );
  columns.forEach((column, index) => {
    if (column.name === "") return;
    const earlier = taken.get(column.name.toLowerCase());
    if (earlier !== undefined) report(["columns", index, "name"], `${column.name} is also ${earlier}`);
    taken.set(column.name.toLowerCase(), `the name of columns[${index}]`);
    const source = column.source ?? column.name;
    const owner = spelled.get(source);
    const at = column.source === undefined ? "name" : "source";
    // Names of bronze's own columns were refused above.
    if (owner !== undefined && earlier === undefined)
      report(["columns", index, at], `${source} already stands for ${owner}`);
    spelled.set(source, column.name);
  });
  columns.forEach((column, index) => {
    column.aliases.forEach((alias, at) => {
      const owner = spelled.get(alias);
      if (owner !== undefined)
        report(["columns", index, "aliases", at], `${alias} already stands for ${owner}`);
      spelled.set(alias, column.name);
    });
  });
}

function silverFields(columns: readonly RawColumn[], silver: Partial<RawSilver>): SilverField[] {
  return [
    ...(silver.id === undefined ? [] : [{ name: silver.id, type: "STRING", isId: true }]),
    ...columns.flatMap(({ name, silver: named, type }) =>
      named === false ? [] : [{ name: named ?? name, type }],
    ),
    ...(silver.partition_by === undefined ? [] : [{ name: silver.partition_by.column, type: "DATE" }]),
    ...(silver.derived ?? []),
  ];
}

function checkSilverNames(columns: readonly RawColumn[], silver: Partial<RawSilver>, report: Report) {
  const taken = new Set<string>();
  const take = (name: string | undefined, path: Path) => {
    if (name === undefined) return;
    if (silverOwnColumns.includes(name))
      report(path, `${name} is what pipectl's SQL of silver calls a column of its own`);
    if (taken.has(name)) report(path, `silver already has a column ${name}`);
    taken.add(name);
  };
  columns.forEach((column, index) => {
    if (column.silver === false || column.name === "") return;
    take(column.silver ?? column.name, ["columns", index, "silver"]);
    if (column.silver === undefined && !snakeCase.safeParse(column.name).success)
      report(["columns", index], `silver: is missing: ${column.name} is no snake_case name`);
  });
  take(silver.id, ["silver", "id"]);
  take(silver.partition_by?.column, ["silver", "partition_by", "column"]);
  silver.derived?.forEach((column, index) => {
    take(column.name, ["silver", "derived", index, "name"]);
  });
}

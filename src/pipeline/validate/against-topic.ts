import { count, plural } from "../../core/format.js";
import { sum } from "../../core/sum.js";
import type { Verdict } from "../../core/verdict.js";
import { batchQuery } from "../../execution/batch-query.js";
import { sqlContext } from "../../execution/sql-context.js";
import type { PartitionOffsets } from "../../kafka/offsets.js";
import { type LandingKind, landingKinds } from "../../lake/definitions.js";
import { rowsOf } from "../../lake/former-names.js";
import { deadLetterHashAt, hasRowHash } from "../../lake/row-hash.js";
import { loadTables, type Tables } from "../../lake/tables.js";
import { partitionName } from "../../ledger/account.js";
import { renderFiles } from "../../sql/files.js";
import { splitStatements } from "../../sql/statements.js";
import type { Workspace } from "../../workspace/workspace.js";
import type { AccountOutcome } from "./account-outcome.js";
import type { PartitionLine } from "./result.js";
import type { StageContext } from "./stage-check.js";

/** What a partition's rows look like beside the records that Kafka still has of them. */
interface Compared {
  readonly partition: number;
  readonly rows: number;
  /** Rows with the values of the record, as the reader reads it today. */
  readonly same: number;
  /** Rows that today's reader or manifest would make otherwise, and the lowest of their offsets. */
  readonly otherwise: number;
  readonly otherwiseAt: number | null;
  /** Dead letters whose key or bytes are not the record's. No reader and no manifest has a part in them. */
  readonly foreign: number;
  readonly foreignAt: number | null;
}

/**
 * With `--against-topic`: reads what Kafka still has of the rows, with the strict reader, and compares each row's hash. A good
 * row that differs is no failure: whether its values are those that pipectl wrote is what the recount proves.
 */
export async function againstTopicLook({
  workspace,
  account,
  againstTopic = false,
}: StageContext): Promise<Verdict | undefined> {
  if (!againstTopic) return undefined;
  // The recount says why there is no account.
  const outcome = await account.catch(() => undefined);
  const { bronze, dlq } = await loadTables(workspace.catalog, workspace.dataset);
  if (outcome === undefined || bronze === undefined || dlq === undefined) return undefined;
  if (!hasRowHash(bronze) || !hasRowHash(dlq))
    return {
      status: "warn",
      detail: "against the topic: no row has a hash to compare",
      hint: "pipectl process",
    };
  const topic = await workspace.kafka.topicOffsets(workspace.dataset.topic);
  const incarnation = Math.max(0, ...outcome.partitions.map((line) => line.incarnation));
  const lines = outcome.partitions.filter((line) => line.incarnation === incarnation);
  const compared = await compare(
    workspace,
    { bronze, dlq },
    outcome,
    incarnation,
    rangesOf(topic.partitions, lines),
  );
  return verdictOn(outcome.partitions, incarnation, compared);
}

/** For each partition the offsets that have landed and that Kafka still has. */
const rangesOf = (topic: readonly PartitionOffsets[], lines: readonly PartitionLine[]) =>
  topic.map(({ partition, first, end }) => {
    const line = lines.find((one) => one.partition === partition);
    const upTo = Math.min(end, Math.max(first, line?.next ?? first));
    return { partition, start: first, end: upTo, lost: 0, skipped: 0, present: 0 };
  });

async function compare(
  workspace: Workspace,
  tables: Pick<Tables, LandingKind>,
  { read }: AccountOutcome,
  incarnation: number,
  ranges: ReturnType<typeof rangesOf>,
): Promise<Compared[]> {
  const { config, dataset, runtime, signal, report } = workspace;
  report({ type: "step", text: "Reading the topic again, as far as Kafka has it" });
  const context = sqlContext(config, dataset, runtime.inside, { run: "query", ranges, batch: true });
  const source = renderFiles(config.root, ["01_source"], context).get("01_source") as string;
  const rows = (kind: LandingKind) =>
    read[kind] === undefined
      ? []
      : [
          `SELECT kafka_partition, kafka_offset, row_hash, ${kind === "bronze" ? 1 : 0} AS good
           FROM ${rowsOf(tables[kind], read[kind])} WHERE kafka_incarnation = ${incarnation}`,
        ];
  const landed = landingKinds.flatMap(rows);
  if (landed.length === 0 || ranges.every(({ start, end }) => start === end)) return [];
  const place = `${incarnation}, kafka_partition, kafka_offset`;
  const answer = await batchQuery(workspace, "pipectl against topic", async (session) => {
    for (const { sql } of splitStatements("01_source", source)) await session.execute(sql, signal);
    // A join keeps the rows that it gets.
    await session.execute("RESET 'pipeline.object-reuse'", signal);
    await session.execute("USE CATALOG lake", signal);
    return await session.query(
      `SELECT p, COUNT(*), COUNT(same), COUNT(otherwise), MIN(otherwise), COUNT(foreign_letter), MIN(foreign_letter) FROM (
         SELECT l.kafka_partition AS p,
           CASE WHEN l.good = r.good AND l.row_hash = CASE WHEN l.good = 1 THEN r.row_hash ELSE r.letter_hash END
             THEN l.kafka_offset END AS same,
           CASE WHEN (l.good = 1 AND (r.good = 0 OR l.row_hash <> r.row_hash)) OR (l.good = 0 AND r.good = 1 AND l.row_hash = r.letter_hash)
             THEN l.kafka_offset END AS otherwise,
           CASE WHEN l.good = 0 AND l.row_hash <> r.letter_hash THEN l.kafka_offset END AS foreign_letter
         FROM (${landed.join(" UNION ALL ")}) AS l
         JOIN (
           SELECT kafka_partition, kafka_offset, CASE WHEN parse_error IS NULL THEN 1 ELSE 0 END AS good,
             pipectl_row_hash(${place}, pipectl_hash) AS row_hash,
             ${deadLetterHashAt(place)} AS letter_hash
           FROM default_catalog.default_database.source_records
         ) AS r ON l.kafka_partition = r.kafka_partition AND l.kafka_offset = r.kafka_offset
         WHERE l.row_hash IS NOT NULL
       ) GROUP BY p`,
      1_000_000,
      signal,
    );
  });
  return answer.rows.map(([partition, all, same, otherwise, otherwiseAt, foreign, foreignAt]) => ({
    ...{ partition: Number(partition), rows: Number(all), same: Number(same), otherwise: Number(otherwise) },
    otherwiseAt: otherwiseAt == null ? null : Number(otherwiseAt),
    foreign: Number(foreign),
    foreignAt: foreignAt == null ? null : Number(foreignAt),
  }));
}

/** Pure. */
export function verdictOn(
  lines: readonly Pick<PartitionLine, LandingKind>[],
  incarnation: number,
  compared: readonly Compared[],
): Verdict {
  const landed = sum(lines.map(({ bronze, dlq }) => bronze + dlq));
  const same = sum(compared.map((one) => one.same));
  const rest = landed - sum(compared.map((one) => one.rows));
  const example = (at: (one: Compared) => number | null) =>
    compared
      .flatMap((one) => {
        const offset = at(one);
        const { partition } = one;
        return offset === null
          ? []
          : [` (for example ${partitionName({ incarnation, partition })}, offset ${offset})`];
      })
      .at(0) ?? "";
  const otherwise = sum(compared.map((one) => one.otherwise));
  const foreign = sum(compared.map((one) => one.foreign));
  const detail = [
    `against the topic: ${plural(same, "row is", "rows are")} as Kafka has the record`,
    otherwise === 0
      ? ""
      : `${count(otherwise)} would be read differently${example((one) => one.otherwiseAt)}`,
    foreign === 0
      ? ""
      : `${plural(foreign, "dead letter is", "dead letters are")} not what Kafka has at that place${example((one) => one.foreignAt)}`,
    rest === 0 ? "" : `${count(rest)} not comparable: Kafka no longer has the record, or the row has no hash`,
  ]
    .filter((text) => text !== "")
    .join(", ");
  if (foreign > 0)
    return {
      status: "fail",
      detail,
      hint: "another topic, or another program: pipectl snapshots dlq shows who wrote",
    };
  if (otherwise > 0)
    return { status: "warn", detail, hint: "the manifest or the reader has changed since these rows landed" };
  return { status: "pass", detail };
}

import { alternate, line, median } from "../measure.mjs";
import {
  broker,
  createTopic,
  dropTables,
  freshStack,
  jobMs,
  pipectl,
  rendered,
  sql,
  topic,
  withAdmin,
} from "../stack.mjs";

const count = 1_200_000;
const clean = "bench.clean";
const plainJob = "bench json to blackhole";

/**
 * The bronze job over records of which 1 % are dead letters, against the least that a job over such a topic can do: the
 * same records, all of them well-formed, read with Flink's own JSON format and thrown away. Same cluster, same memory.
 */
export async function bronze(rounds) {
  await freshStack();
  await pipectl(["generate", "--count", String(count)]);
  await pipectl(["build-sql"]);
  const source = await rendered("01_source");
  const columns = source
    .match(/^ {2}`\w+` [^\n]*,$/gm)
    .join("\n")
    .replace(/,$/, "");
  await moveTopic();
  await pipectl(["generate", "--count", String(count), "--malformed", "0.01"]);
  const rate = (ms) => count / (ms / 1000);
  const ours = async () => {
    await dropTables();
    const { jobs } = await pipectl(["process-bronze", "--via", "gateway"]);
    return rate(await jobMs(jobs[0].name));
  };
  const theirs = async () => {
    await sql([
      ...settings,
      `SET 'pipeline.name' = '${plainJob}'`,
      `CREATE TEMPORARY TABLE clean (${columns}) WITH (${kafkaTable(clean)}, ${all}, 'format' = 'json')`,
      `CREATE TEMPORARY TABLE nowhere (${columns}) WITH ('connector' = 'blackhole')`,
      "INSERT INTO nowhere SELECT * FROM clean",
    ]);
    return rate(await jobMs(plainJob));
  };
  for (let i = 0; i < 3; i++) for (const once of [ours, theirs]) await once();
  const figures = await alternate(rounds, { ours, theirs });
  const ratio = median(figures.ours) / median(figures.theirs);
  return [
    line("bronze job, 1.2 M, 1 % dead letters: rate / json to blackhole", ratio, { least: 0.7 }, figures),
  ];
}

const settings = [
  "SET 'execution.runtime-mode' = 'batch'",
  "SET 'table.dml-sync' = 'true'",
  "SET 'parallelism.default' = '3'",
];

const kafkaTable = (name) =>
  `'connector' = 'kafka', 'topic' = '${name}', 'properties.bootstrap.servers' = '${broker}'`;

/** What a source takes; a sink would refuse it. */
const all = "'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset'";

/** The records go, with keys and in batches as large as they came, to a topic of their own; the dataset's is made anew. */
async function moveTopic() {
  await createTopic(clean);
  const raw = (name, of, options) =>
    `CREATE TEMPORARY TABLE ${name} (k BYTES, v BYTES) WITH (${kafkaTable(of)}, ${options},` +
    " 'key.format' = 'raw', 'key.fields' = 'k', 'value.format' = 'raw', 'value.fields-include' = 'EXCEPT_KEY')";
  await sql([
    ...settings,
    raw("old_records", topic, all),
    raw("new_records", clean, "'properties.batch.size' = '180000', 'properties.linger.ms' = '1000'"),
    "INSERT INTO new_records SELECT * FROM old_records",
  ]);
  await withAdmin((admin) => admin.deleteTopics({ topics: [topic] }));
  await pipectl(["create-topics"]);
}

import { bronzeNow, setBack } from "../lake.mjs";
import { alternate, line, median } from "../measure.mjs";
import { smallFiles } from "../small-files.mjs";
import { jobMs, pipectl, rendered, seconds, sql } from "../stack.mjs";

const plainJob = "bench insert overwrite";

/**
 * A table of 2,000 small files, as a stream leaves it, against what people write who have no compaction: all of it over itself.
 * Both begin at the same snapshot each time. Twelve Kafka partitions, because bronze is partitioned by them and has one
 * large file of each at best.
 */
export async function compact(rounds) {
  const { snapshot: before, files } = await smallFiles(12, 2_000);
  const job = { ours: [], theirs: [] };
  let [compacted, overwritten] = [];
  const ours = async () => {
    await setBack(before);
    const taken = await seconds(() => pipectl(["compact-bronze"]));
    job.ours.push((await jobMs("pipectl compact bronze.raw_trips ")) / 1000);
    compacted = await bronzeNow();
    return taken;
  };
  const theirs = async () => {
    await setBack(before);
    const taken = await seconds(overwrite);
    job.theirs.push((await jobMs(plainJob)) / 1000);
    overwritten = await bronzeNow();
    return taken;
  };
  // As in row bronze: Java compiles what runs again and again.
  for (let i = 0; i < 3; i++) for (const once of [ours, theirs]) await once();
  job.ours.length = job.theirs.length = 0;
  const figures = await alternate(rounds, { ours, theirs });
  const scans = await alternate(rounds + 1, {
    [`${files} files`]: () => scan(before),
    [`${compacted.files} files`]: () => scan(compacted.snapshot),
  });
  const [slow, quick] = Object.values(scans).map(median);
  return [
    line(
      "compact: job / INSERT OVERWRITE of itself",
      median(job.ours) / median(job.theirs),
      { most: 0.7 },
      job,
    ),
    line(
      "compact-bronze / the same statement through the gateway",
      median(figures.ours) / median(figures.theirs),
      { most: 0.7 },
      figures,
    ),
    line(
      `files that ${files} became`,
      compacted.files,
      { most: 20 },
      { ours: [compacted.files], theirs: [overwritten.files] },
    ),
    line("a full scan of the small files / of the large ones", slow / quick, { least: 3 }, scans),
  ];
}

async function overwrite() {
  await sql([
    (await rendered("00_catalog")).trim().replace(/;$/, ""),
    "SET 'execution.runtime-mode' = 'batch'",
    "SET 'table.dml-sync' = 'true'",
    "SET 'parallelism.default' = '3'",
    `SET 'pipeline.name' = '${plainJob}'`,
    "INSERT OVERWRITE lake.bronze.raw_trips SELECT * FROM lake.bronze.raw_trips",
  ]);
}

/** Seconds that Flink's own job takes which reads a column of every row. */
async function scan(snapshot) {
  const hint = `/*+ OPTIONS('snapshot-id'='${snapshot}') */`;
  await pipectl(["query", `SELECT COUNT(*), SUM(fare_amount) FROM bronze.raw_trips ${hint}`]);
  return (await jobMs("pipectl query")) / 1000;
}

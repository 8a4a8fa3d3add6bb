import { metadataOf } from "./lake.mjs";
import { pipectl } from "./stack.mjs";

/**
 * Of each row of bronze, in the order in which they landed: when it was produced, by its Kafka timestamp, and the seconds from
 * there to the snapshot that brought it. Which snapshot that was, the number of rows tells, because offsets land in order
 * within each partition.
 */
export async function agesOfRows() {
  const { rows } = await pipectl([
    "query",
    "SELECT kafka_partition, kafka_offset, CAST(kafka_timestamp AS STRING) FROM bronze.raw_trips",
    ...["--limit", "1000000"],
  ]);
  const byPartition = new Map();
  for (const [partition, offset, at] of rows) {
    const list = byPartition.get(partition) ?? [];
    list.push([Number(offset), Date.parse(`${at.replace(" ", "T")}Z`)]);
    byPartition.set(partition, list);
  }
  for (const list of byPartition.values()) list.sort((a, b) => a[0] - b[0]);
  const taken = new Map();
  const ages = [];
  for (const { summary, "timestamp-ms": committed } of (await metadataOf("raw_trips")).snapshots) {
    // A compaction adds the same rows once more.
    if (summary.operation !== "append") continue;
    for (const [key, value] of Object.entries(summary)) {
      const partition = /^partitions\.kafka_partition=(\d+)$/.exec(key)?.[1];
      if (partition === undefined) continue;
      const added = Number(/added-records=(\d+)/.exec(value)?.[1] ?? 0);
      const begin = taken.get(partition) ?? 0;
      taken.set(partition, begin + added);
      for (const [, produced] of byPartition.get(Number(partition)).slice(begin, begin + added))
        ages.push({ produced, age: (committed - produced) / 1000 });
    }
  }
  return ages;
}

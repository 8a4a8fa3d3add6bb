import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import kafkajs from "kafkajs";
import { inject } from "vitest";

/** A dataset that is nothing like taxi, whose manifest changes while records come. */
export const readings = {
  topic: "readings.raw",
  bronze: "bronze.readings",
  dlq: "bronze.readings_dlq",
  silver: "silver.readings",
};

/** Its manifest at first, and after the change: two more columns, one wider. */
export function writeReadings(root: string, version: "first" | "second"): void {
  const wider = version === "second";
  writeFileSync(
    join(root, "datasets", "readings.yml"),
    `name: readings
topic: readings.raw
partitions: 3
retention: 3d
tables: {bronze: bronze.readings, dlq: bronze.readings_dlq, silver: silver.readings}
columns:
  - {name: id, type: BIGINT}
  - {name: at, type: TIMESTAMP_LTZ(6), silver: taken_at}
  - {name: count, type: ${wider ? "BIGINT" : "INT"}, silver: n}
${wider ? "  - {name: Wind (m/s), source: wind, type: DOUBLE, silver: wind}\n" : ""}  - {name: place, type: "ROW<name STRING${wider ? ", `zone` INT" : ""}>", silver: place}
message_key: [id]
event_time: at
silver:
  natural_key: [id, at]
  wins: identical
  id: row_id
  partition_by: {column: day, type: DATE, expr: "COALESCE(CAST(\`at\` AS DATE), DATE '1970-01-01')"}
`,
  );
}

export interface Reading {
  readonly id: number;
  readonly at: string;
  readonly count: number;
  readonly wind: number;
  readonly place: { readonly name: string; readonly zone?: number };
}

/** The reading with a number; each tenth does not fit the first manifest: its count needs 64 bits. */
export const reading = (id: number, zoned: boolean): Reading => ({
  id,
  at: `2026-01-0${1 + (id % 9)}T00:00:00.000001+01:00`,
  count: id % 10 === 0 ? 2 ** 31 + id : id,
  wind: id / 8,
  place: { name: `n${id % 7}`, ...(zoned ? { zone: id % 5 } : {}) },
});

/**
 * Sends readings by a plain producer, so many a second, until it is stopped.
 *
 * @returns what `stop` needs; `sent()` is how many so far, `zoned()` from which one on they have a zone
 */
export async function steadyReadings(rate: number) {
  const kafka = new kafkajs.Kafka({ brokers: [`127.0.0.1:${inject("stack").KAFKA_PORT}`], logLevel: 0 });
  const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
  await producer.connect();
  let sent = 0;
  let zonedFrom = Number.POSITIVE_INFINITY;
  let stopped = false;
  const began = performance.now();
  const run = (async () => {
    while (!stopped) {
      const due = Math.floor(((performance.now() - began) / 1000) * rate);
      const messages = Array.from({ length: due - sent }, (_, i) => {
        const id = sent + i;
        return { key: String(id), value: JSON.stringify(reading(id, id >= zonedFrom)) };
      });
      sent = due;
      if (messages.length > 0) await producer.send({ topic: readings.topic, messages });
      await delay(50);
    }
    await producer.disconnect();
  })();
  return {
    sent: () => sent,
    addZone: () => {
      zonedFrom = sent;
    },
    zonedFrom: () => zonedFrom,
    stop: async () => {
      stopped = true;
      await run;
    },
  };
}

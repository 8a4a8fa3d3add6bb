import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { alternate, line, median } from "../measure.mjs";
import {
  broker,
  freshStack,
  kafkaTool,
  pipectl,
  plainUp,
  seconds,
  someValues,
  temporary,
  topic,
} from "../stack.mjs";

const many = 5_000_000;

/** What must not depend on how much there is: a small run, and the checks, over 10,000 and over 5 M rows. */
export async function size(rounds) {
  await mkdir(temporary, { recursive: true });
  await freshStack();
  await pipectl(["generate", "--count", "10000"]);
  const values = await someValues(10_000);
  const ofDay = (text, day) => text.replace(/2019-01-\d\d/g, day);
  const oneDay = join(temporary, "one-day.jsonl");
  await writeFile(oneDay, `${values.map((value) => ofDay(value, "2019-06-01")).join("\n")}\n`);
  const process = async () => {
    await pipectl(["generate", oneDay]);
    return await seconds(() => pipectl(["process"]));
  };
  const validate = () => seconds(() => pipectl(["validate"]));
  await pipectl(["process"]);
  for (let i = 0; i < 3; i++) await process();
  const few = await alternate(rounds, { process, validate });

  // A hundred other days, a hundred records of each, again and again: bronze has every record, silver each once.
  const days = Array.from({ length: 100 }, (_, i) =>
    new Date(Date.UTC(2018, 0, 1 + i)).toISOString().slice(0, 10),
  );
  const file = join(temporary, "days.jsonl");
  await writeFile(
    file,
    days
      .flatMap((day, i) => values.slice(i * 100, i * 100 + 100).map((value) => ofDay(value, day)))
      .join("\n"),
  );
  await kafkaTool("org.apache.kafka.tools.ProducerPerformance", [
    ...["--topic", topic, "--num-records", String(many), "--payload-file", file, "--throughput", "-1"],
    ...[
      "--producer-props",
      `bootstrap.servers=${broker}`,
      "batch.size=262144",
      "linger.ms=5",
      "compression.type=lz4",
    ],
  ]);
  await pipectl(["process"]);
  const lots = await alternate(rounds, { process, validate });
  const figures = { "10,000 rows": few.process, "5 M rows": lots.process };
  const checks = { "10,000 rows": few.validate, "5 M rows": lots.validate };
  return [
    line(
      "process 10,000 of one day: 5 M / 10,000 rows in bronze",
      median(lots.process) / median(few.process),
      { most: 1.3 },
      figures,
    ),
    line("validate, 5 M rows", median(lots.validate), { most: 1.5, unit: " s" }, checks),
    line("validate: 5 M / 10,000 rows", median(lots.validate) / median(few.validate), { most: 1.1 }, checks),
  ];
}

/** How far the consumer group is, against Kafka's own tool for it. */
export async function lag(rounds) {
  await freshStack();
  await pipectl(["generate", "--count", "10000"]);
  await pipectl(["process"]);
  const { group } = await pipectl(["check-lag"]);
  const figures = await alternate(rounds, {
    "check-lag": () => seconds(() => pipectl(["check-lag"])),
    "kafka-consumer-groups": () =>
      seconds(() =>
        kafkaTool("org.apache.kafka.tools.consumer.group.ConsumerGroupCommand", [
          ...["--bootstrap-server", broker, "--describe", "--group", group],
        ]),
      ),
  });
  const ratio = median(figures["check-lag"]) / median(figures["kafka-consumer-groups"]);
  return [line("check-lag / kafka-consumer-groups --describe", ratio, { most: 0.33 }, figures)];
}

/** `up` of a stack that has been up before, against the same JVMs side by side without any option of ours for speed. */
export async function up(rounds) {
  await freshStack();
  const plain = async () => {
    await pipectl(["down"]);
    let stop = async () => {};
    const taken = await seconds(async () => {
      stop = await plainUp();
    });
    await stop();
    return taken;
  };
  const ours = async () => {
    await pipectl(["down"]);
    return await seconds(() => pipectl(["up"]));
  };
  const figures = await alternate(rounds, { "plain java -cp": plain, "pipectl up": ours });
  const ratio = median(figures["pipectl up"]) / median(figures["plain java -cp"]);
  return [line("up, second time / plain java -cp", ratio, { most: 0.65 }, figures)];
}

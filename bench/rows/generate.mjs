import { execa } from "execa";
import { alternate, line, median } from "../measure.mjs";
import { broker, createTopic, freshStack, kafkaTool, someValues, start } from "../stack.mjs";

const count = 1_000_000;

/** Synthetic records into Kafka, against Kafka's own load generator with its defaults and records of the same size. */
export async function generate(rounds) {
  await freshStack();
  let most = 0;
  const ours = async () => {
    const { rate, memory } = await generateOnce();
    most = Math.max(most, memory);
    return rate;
  };
  await ours();
  const values = await someValues(1_000);
  const size = Math.round(values.reduce((sum, value) => sum + value.length, 0) / values.length);
  await createTopic("bench.plain");
  const theirs = async () => {
    const text = await kafkaTool("org.apache.kafka.tools.ProducerPerformance", [
      ...["--topic", "bench.plain", "--num-records", String(count), "--record-size", String(size)],
      ...["--throughput", "-1", "--producer-props", `bootstrap.servers=${broker}`],
    ]);
    return Number(/([\d.]+) records\/sec[^\n]*\n?$/.exec(text.trim())[1]);
  };
  const figures = await alternate(rounds, { ours, theirs });
  return [
    line(
      "generate 1 M records: rate / ProducerPerformance",
      median(figures.ours) / median(figures.theirs),
      { least: 0.8 },
      figures,
    ),
    line("generate 1 M records: resident memory", most, { most: 250, unit: " MB" }, { memory: [most] }),
  ];
}

/** Records in a second, and the most memory that the process had. */
async function generateOnce() {
  const begin = performance.now();
  const child = start(["generate", "--count", String(count)]);
  let memory = 0;
  const timer = setInterval(async () => {
    const { stdout } = await execa("ps", ["-o", "rss=", "-p", String(child.pid)], { reject: false });
    memory = Math.max(memory, Math.round(Number(stdout) / 1024));
  }, 250);
  await child.finally(() => clearInterval(timer));
  return { rate: count / ((performance.now() - begin) / 1000), memory };
}

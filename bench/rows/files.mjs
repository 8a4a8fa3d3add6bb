import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { alternate, line, median } from "../measure.mjs";
import { freshStack, pipectl, seconds, someValues, temporary } from "../stack.mjs";

const count = 300_000;

/** Records from files into Kafka, against made-up records: the same ones, so of the same size. */
export async function files(rounds) {
  await freshStack();
  await pipectl(["generate", "--count", "1000"]);
  const values = (await someValues(1_000)).map((text) => JSON.parse(text));
  const names = Object.keys(values[0]);
  const rowOf = (value) => names.map((name) => value[name] ?? "").join(",");
  const repeated = (lines) => `${lines.join("\n")}\n`.repeat(count / values.length);
  await mkdir(temporary, { recursive: true });
  const csv = join(temporary, "trips.csv");
  const jsonl = join(temporary, "trips.jsonl");
  await writeFile(csv, `${names.join(",")}\n${repeated(values.map(rowOf))}`);
  await writeFile(jsonl, repeated(values.map((value) => JSON.stringify(value))));
  const rateOf = (args) => async () => count / (await seconds(() => pipectl(["generate", ...args])));
  const figures = await alternate(rounds, {
    CSV: rateOf([csv]),
    "JSON lines": rateOf([jsonl]),
    "made up": rateOf(["--count", String(count)]),
  });
  const made = median(figures["made up"]);
  return ["CSV", "JSON lines"].map((name) =>
    line(
      `generate from ${name}: rate / made-up records`,
      median(figures[name]) / made,
      { least: 0.6 },
      {
        [name]: figures[name],
        "made up": figures["made up"],
      },
    ),
  );
}

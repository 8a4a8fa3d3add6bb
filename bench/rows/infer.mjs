import { existsSync } from "node:fs";
import { mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { alternate, line, median } from "../measure.mjs";
import { root, seconds, start, temporary } from "../stack.mjs";

const megabytes = 100;
const duckdb = "duckdb==2.0.1";
const name = "bench_infer";

/** What is in a CSV file, by `dataset infer` and by DuckDB, each reading all of it. */
export async function infer(rounds) {
  const python = await withDuckdb();
  await mkdir(temporary, { recursive: true });
  const file = join(temporary, "mixed.csv");
  await writeCsv(file);
  let most = 0;
  const ours = () =>
    seconds(async () => {
      const child = start(["dataset", "infer", file, "--name", name]);
      const timer = setInterval(async () => {
        const { stdout } = await execa("ps", ["-o", "rss=", "-p", String(child.pid)], { reject: false });
        most = Math.max(most, Math.round(Number(stdout) / 1024));
      }, 250);
      await child.finally(() => clearInterval(timer));
    }).finally(() => rm(join(root, "datasets", `${name}.yml`), { force: true }));
  const theirs = () =>
    seconds(() =>
      execa(python, [
        "-c",
        "import duckdb, sys; f = sys.argv[1]\n" +
          "duckdb.sql(f\"SELECT * FROM sniff_csv('{f}', sample_size = -1)\").fetchall()\n" +
          "duckdb.sql(f\"DESCRIBE SELECT * FROM read_csv('{f}', sample_size = -1)\").fetchall()",
        file,
      ]),
    );
  await ours();
  const figures = await alternate(rounds, { "dataset infer": ours, "DuckDB sniff_csv and DESCRIBE": theirs });
  const ratio = median(figures["dataset infer"]) / median(figures["DuckDB sniff_csv and DESCRIBE"]);
  return [
    line(`dataset infer ${megabytes} MB of CSV / DuckDB`, ratio, { most: 2 }, figures),
    line(
      `dataset infer ${megabytes} MB of CSV: resident memory`,
      most,
      { most: 300, unit: " MB" },
      { memory: [most] },
    ),
  ];
}

async function withDuckdb() {
  const folder = join(root, ".pipectl", duckdb.replace("==", "-"));
  const python = join(folder, "bin", "python");
  if (existsSync(join(folder, "ready"))) return python;
  await execa("python3", ["-m", "venv", folder]);
  await execa(python, ["-m", "pip", "install", "-q", duckdb]);
  await execa("touch", [join(folder, "ready")]);
  return python;
}

/** Twenty columns of what files have: ids, times, numbers short and long, words, text in quotes, empty cells. */
async function writeCsv(file) {
  const handle = await open(file, "w");
  const words = ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliet"];
  let state = 7;
  const below = (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  const share = () => below(2 ** 30) / 2 ** 30;
  const hex = () =>
    Array.from({ length: 4 }, () =>
      below(2 ** 32)
        .toString(16)
        .padStart(8, "0"),
    ).join("");
  const two = (limit, from = 0) => String(below(limit) + from).padStart(2, "0");
  const day = () => `2024-${two(12, 1)}-${two(28, 1)}`;
  const time = () => `${two(24)}:${two(60)}:${two(60)}`;
  const word = () => words[below(words.length)];
  const text = () =>
    below(5) === 0 ? `"${word()}, ""${word()}"" ${word()}"` : [word(), word(), word(), word()].join(" ");
  try {
    await handle.write(
      "id,uuid,created_at,updated_at,day,customer_id,country,city,active,quantity,price,discount,weight,score,big,code," +
        "status,comment,lat,lon\n",
    );
    for (let bytes = 0, id = 1; bytes < megabytes * 1e6; ) {
      let rows = "";
      for (let i = 0; i < 1000; i++, id++) {
        rows +=
          `${id},${hex()},${day()} ${time()}.${below(900) + 100},${day()}T${time()}Z,${day()},${below(200_000)},` +
          `${["DE", "US", "FR", "NL"][below(4)]},${word()},${below(2) === 0},${below(100)},${(share() * 1000).toFixed(2)},` +
          `${below(10) < 3 ? "" : share().toFixed(3)},${share() * 50},${share() - share()},${10 ** 10 + below(2 ** 31) * 400_000},` +
          `${String(below(100_000)).padStart(5, "0")},${["new", "paid", "sent"][below(3)]},${text()},` +
          `${(share() * 180 - 90).toFixed(6)},${(share() * 360 - 180).toFixed(6)}\n`;
      }
      bytes += (await handle.write(rows)).bytesWritten;
    }
  } finally {
    await handle.close();
  }
}

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { agesOfRows } from "../freshness.mjs";
import { landed, metadataOf } from "../lake.mjs";
import { alternate, at, line, median, sorted } from "../measure.mjs";
import {
  dropTables,
  freshStack,
  jobMs,
  jobs,
  pipectl,
  plainSqlClient,
  plainTables,
  rendered,
  seconds,
  start,
  streaming,
  temporary,
  url,
} from "../stack.mjs";

/** Until the job is RUNNING, on a warm stack, against a plain SQL client that is given the same SQL. */
export async function submit(rounds) {
  await freshStack();
  await pipectl(["generate", "--count", "10000"]);
  await pipectl(["process"]);
  const environment = streaming("10s");
  const ours = async (...args) => {
    const taken = await seconds(() => pipectl(["process-streaming", ...args], environment));
    await pipectl(["stop"], environment);
    return taken;
  };
  await ours();
  await mkdir(temporary, { recursive: true });
  const file = join(temporary, "stream.sql");
  const parts = await Promise.all(["00_catalog", "01_source", "07_streaming_bronze"].map(rendered));
  await writeFile(file, parts.join("\n").replace(/`(raw_trips|raw_trips_dlq)`/g, "`$1_plain`"));
  await plainTables("bronze.raw_trips", "bronze.raw_trips_dlq");
  const plain = async () => {
    const taken = await seconds(async () => {
      await plainSqlClient(file);
      while (!(await running()).some(({ state }) => state === "RUNNING")) await delay(20);
    });
    for (const { jid } of await running())
      await fetch(`${url("flink")}/jobs/${jid}?mode=cancel`, { method: "PATCH" });
    while ((await running()).length > 0) await delay(100);
    return taken;
  };
  await plain();
  const figures = await alternate(rounds, {
    "plain SQL client": plain,
    "process-streaming": () => ours(),
    "process-streaming --via gateway": () => ours("--via", "gateway"),
  });
  const base = median(figures["plain SQL client"]);
  return [
    line(
      "process-streaming until RUNNING, warm / plain SQL client",
      median(figures["process-streaming"]) / base,
      { most: 0.6 },
      figures,
    ),
    line(
      "the same --via gateway / plain SQL client",
      median(figures["process-streaming --via gateway"]) / base,
      { most: 0.35 },
      figures,
    ),
  ];
}

async function running() {
  return (await jobs()).filter(({ state }) => !["FINISHED", "CANCELED", "FAILED"].includes(state));
}

/**
 * A stream that takes a backlog of 5 M records, against the batch bronze job over the same. What it has read lands with the
 * next checkpoint, so how long all of it takes depends on where the end falls between two: the rate is that of what has
 * landed with the last checkpoint before the end.
 */
export async function catchup(rounds) {
  const count = 5_000_000;
  await freshStack();
  await pipectl(["generate", "--count", String(count), "--malformed", "0.01"]);
  const environment = streaming("10s");
  const whole = [];
  const batch = async () => {
    await dropTables();
    const [job] = (await pipectl(["process-bronze", "--via", "gateway"])).jobs;
    return count / ((await jobMs(job.name)) / 1000);
  };
  const stream = async () => {
    await dropTables();
    const { job } = await pipectl(["process-streaming", "--via", "gateway"], environment);
    while ((await landed()) < count) await delay(200);
    const begin = (await jobs()).find(({ jid }) => jid === job.id)["start-time"];
    await pipectl(["stop"], environment);
    const { snapshots } = await metadataOf("raw_trips");
    const all = snapshots.filter(({ summary }) => Number(summary["added-records"] ?? 0) > 0);
    whole.push(((all.at(-1)["timestamp-ms"] - begin) / 1000).toFixed(1));
    const { summary, "timestamp-ms": at } = all.at(-2);
    // Of the dead letters as many were read as of the others.
    return Number(summary["total-records"]) / 0.99 / ((at - begin) / 1000);
  };
  const figures = await alternate(rounds, { batch, stream });
  const ratio = median(figures.stream) / median(figures.batch);
  const shown = { ...figures, "seconds until the stream has all": whole };
  return [line("stream over a backlog of 5 M: rate / batch bronze job", ratio, { least: 0.75 }, shown)];
}

/**
 * From produce to readable: 2,000 records a second for a minute, with continuous silver beside. A record is readable when
 * a snapshot of bronze holds it; which one, the number of rows tells, because offsets land in order within each partition.
 * Silver is behind bronze by the time from bronze having so many rows to silver having as many: each record is another
 * key, and passes the filters.
 */
export async function fresh() {
  const lines = [];
  for (const [interval, share, most, silverMost] of [
    ["10s", 0.99, 12, 13],
    ["1s", 0.5, 2.5, 4],
  ]) {
    await freshStack();
    await pipectl(["process-streaming", "--silver"], streaming(interval));
    // The first checkpoints of a cold stack say nothing.
    await pipectl(["generate", "--mode", "realtime", "--rate", "2000", "--count", "40000", "--seed", "7"]);
    const from = await landed();
    await pipectl(["generate", "--mode", "realtime", "--rate", "2000", "--count", "120000"]);
    await pipectl(["validate", "--deep", "--settle", "60s"], streaming(interval));
    const ages = sorted((await agesOfRows()).slice(from).map(({ age }) => age));
    const behind = await silverBehind(from);
    await pipectl(["stop"], streaming(interval));
    const say = (what, values, part, goal) =>
      line(`${what}, 2,000/s, ${interval} checkpoints: p${part * 100}`, at(values, part), goal, {
        "p50, p90, p99, most": [0.5, 0.9, 0.99, 1].map((q) => at(values, q).toFixed(2)),
      });
    lines.push(
      say("freshness of bronze", ages, share, { most, unit: " s" }),
      say("silver behind bronze", behind, 0.99, { most: silverMost, unit: " s" }),
    );
  }
  return lines;
}

/** Seconds from a number of rows in bronze to as many in silver, for each hundredth row after the first `skip`, sorted. */
async function silverBehind(skip) {
  const when = async (table, namespace) => {
    const { snapshots } = await metadataOf(table, namespace);
    const totals = snapshots.map((one) => [Number(one.summary["total-records"]), one["timestamp-ms"]]);
    return [totals.at(-1)[0], (rows) => totals.find(([total]) => total >= rows)[1]];
  };
  const [[rows, inBronze], [kept, inSilver]] = [
    await when("raw_trips"),
    await when("cleaned_trips", "silver"),
  ];
  if (rows !== kept) throw new Error(`silver has ${kept} of ${rows} rows`);
  const behind = [];
  for (let row = skip + 1; row <= rows; row += 100) behind.push((inSilver(row) - inBronze(row)) / 1000);
  return sorted(behind);
}

/** What a stream costs that has nothing to do, and a look of `check-lag --watch`. */
export async function idle() {
  await freshStack();
  await pipectl(["generate", "--count", "10000"]);
  await pipectl(["process"]);
  await delay(30_000);
  const quiet = await coresOfStack(60);
  await pipectl(["process-streaming", "--wait-checkpoint"], streaming("10s"));
  await delay(30_000);
  const before = (await metadataOf("raw_trips")).snapshots.length;
  const streams = await coresOfStack(180);
  const snapshots = (await metadataOf("raw_trips")).snapshots.length - before;
  const look = await watchedLook();
  await pipectl(["process-streaming", "--silver", "--wait-checkpoint"], streaming("10s"));
  await delay(30_000);
  const both = await coresOfStack(120);
  await pipectl(["stop"], streaming("10s"));
  const cores = {
    "idle stack": [quiet],
    "with an idle stream": [streams],
    "with continuous silver, too": [both],
  };
  return [
    line("an idle stream: more of a core than the idle stack", streams - quiet, { most: 0.08 }, cores),
    line("snapshots of an idle stream in three minutes", snapshots, { most: 0 }, { snapshots: [snapshots] }),
    line("check-lag --watch: processor time of a look", look, { most: 0.05, unit: " s" }, { look: [look] }),
  ];
}

/** Seconds of processor time that a process has had. */
async function cpuOf(pid) {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function coresOfStack(during) {
  const { services } = await pipectl(["status"]);
  const sum = async () => {
    const all = await Promise.all(services.map(({ pid }) => cpuOf(pid)));
    return all.reduce((total, one) => total + one, 0);
  };
  const [before, began] = [await sum(), performance.now()];
  await delay(during * 1000);
  return ((await sum()) - before) / ((performance.now() - began) / 1000);
}

async function watchedLook() {
  const child = start(["check-lag", "--watch"], streaming("10s"));
  child.catch(() => {});
  let looks = 0;
  child.stdout.on("data", (text) => {
    looks += String(text).split("\n").length - 1;
  });
  while (looks < 3) await delay(100);
  const [before, first] = [await cpuOf(child.pid), looks];
  while (looks < first + 20) await delay(100);
  const taken = ((await cpuOf(child.pid)) - before) / (looks - first);
  child.kill("SIGINT");
  return taken;
}

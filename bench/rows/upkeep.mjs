import { link, readdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { commit, folderOf, keep, metadataOf } from "../lake.mjs";
import { alternate, line, median } from "../measure.mjs";
import { mostOften, untilBronze, whileStreaming } from "../small-files.mjs";
import { freshStack, pipectl, seconds, stateDir } from "../stack.mjs";

const lines = (figures, most, about) =>
  Object.entries(figures).map(([name, all]) =>
    line(`${name}, ${about}`, median(all), { most, unit: " s" }, { [name]: all }),
  );

/**
 * `tables` where each of the three has 2,000 snapshots. Only the metadata is read, so the snapshots may all name the files of
 * one: a real stream would take half an hour.
 */
export async function tables(rounds) {
  await freshStack();
  await pipectl(["generate", "--count", "10000", "--malformed", "0.01"]);
  await pipectl(["process"]);
  await manySnapshots("raw_trips", "bronze");
  await manySnapshots("raw_trips_dlq", "bronze");
  await manySnapshots("cleaned_trips", "silver");
  const figures = await alternate(rounds * 3, { tables: () => seconds(() => pipectl(["tables"])) });
  const found = (await pipectl(["tables"])).tables;
  if (found.length !== 3 || found.some(({ snapshots }) => snapshots !== 2_000))
    throw new Error(JSON.stringify(found));
  return lines(figures, 0.5, "three tables of 2,000 snapshots");
}

async function manySnapshots(table, namespace) {
  const { snapshots, ...metadata } = await metadataOf(table, namespace);
  const like = snapshots.at(-1);
  const copies = Array.from({ length: 2_000 - snapshots.length }, (_, i) => ({
    ...like,
    "snapshot-id": String(i + 1),
    "parent-snapshot-id": i === 0 ? like["snapshot-id"] : String(i),
    "sequence-number": metadata["last-sequence-number"] + 1 + i,
    "timestamp-ms": metadata["last-updated-ms"] + 1 + i,
  }));
  const main = { "ref-name": "main", type: "branch", "snapshot-id": copies.at(-1)["snapshot-id"] };
  const updates = copies.map((snapshot) => ({ action: "add-snapshot", snapshot }));
  await commit(table, [...updates, { action: "set-snapshot-ref", ...main }], namespace);
}

/**
 * The three that go by metadata, on bronze as a stream leaves it that was compacted on its way: 200 snapshots, of which the
 * older ones alone name most of the 5,000 data files. Vacuum finds 500 more that nothing names. Each begins at the same table.
 */
export async function upkeep(rounds) {
  await whileStreaming({ partitions: 25, interval: mostOften, rate: 1_000 }, async () => {
    await untilBronze(({ files }) => files >= 4_400);
    await pipectl(["compact-bronze"]);
    const { snapshots } = await metadataOf("raw_trips");
    await untilBronze((now) => now.snapshots >= Math.max(200, snapshots.length + 24));
  });
  const kept = join(stateDir, "kept");
  const on = async (command, ...args) =>
    await seconds(() => pipectl([command, "--table", "bronze", ...args]));
  const expire = async () => await on("expire-snapshots", "--older-than", "0min");
  const now = ["--older-than", "0min", "--delete-files-of-writers-at-work"];
  try {
    await leaveFiles(500);
    let putBack = await keep("raw_trips", kept);
    const begun = (action) => async () => {
      await putBack();
      return await action();
    };
    // What a stream has appended since anybody looked is counted first, row by row: once.
    const first = await alternate(rounds, { "expire-snapshots": begun(expire) });
    await putBack();
    await pipectl(["process-bronze"]);
    putBack = await keep("raw_trips", kept);
    const figures = await alternate(rounds, {
      "expire-snapshots": begun(expire),
      vacuum: begun(() => on("vacuum", ...now)),
      "rewrite-manifests": begun(() => on("rewrite-manifests")),
    });
    return [
      ...lines(figures, 3, "200 snapshots, 5,000 files"),
      // What it costs more is the count of all that the stream has appended since anybody looked.
      ...lines(first, 10, "the same, of which no row was counted before"),
    ];
  } finally {
    await rm(kept, { recursive: true, force: true });
  }
}

/** Puts files among bronze's own that no snapshot names: other names of some that are there. */
async function leaveFiles(count) {
  const folder = join(folderOf(await metadataOf("raw_trips")), "data");
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".parquet"));
  for (const name of names.slice(0, count))
    await link(join(folder, name), join(folder, dirname(name), `left-${basename(name)}`));
}

/** All of the upkeep in its right order, on tables that need none of it. */
export async function maintain(rounds) {
  await freshStack();
  await pipectl(["generate", "--count", "10000", "--malformed", "0.01"]);
  await pipectl(["process"]);
  const run = () => seconds(() => pipectl(["maintain"]));
  await run();
  return lines(await alternate(rounds, { maintain: run }), 5, "nothing to do, warm");
}

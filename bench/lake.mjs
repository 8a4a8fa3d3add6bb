import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { url } from "./stack.mjs";

const tables = (namespace) => `${url("catalog")}/v1/namespaces/${namespace}/tables`;

/** A table as the catalog knows it; undefined when it does not. Ids of snapshots are text: JavaScript would round them. */
export async function metadataOf(table, namespace = "bronze") {
  const answer = await fetch(`${tables(namespace)}/${table}`);
  if (!answer.ok) return undefined;
  const text = await answer.text();
  const { metadata, ...rest } = JSON.parse(text.replace(/(snapshot-id"\s*:\s*)(-?\d+)/g, '$1"$2"'));
  return { ...metadata, file: rest["metadata-location"] };
}

/** Rows of both tables that records land in. */
export async function landed() {
  const both = await Promise.all([metadataOf("raw_trips"), metadataOf("raw_trips_dlq")]);
  return both.reduce(
    (sum, table) => sum + Number(table?.snapshots?.at(-1)?.summary["total-records"] ?? 0),
    0,
  );
}

/** Bronze as its readers see it now. */
export async function bronzeNow() {
  const { snapshots = [], ...table } = (await metadataOf("raw_trips")) ?? {};
  const current = snapshots.find((one) => one["snapshot-id"] === table["current-snapshot-id"]);
  const total = (what) => Number(current?.summary[`total-${what}`] ?? 0);
  return {
    snapshot: current?.["snapshot-id"],
    snapshots: snapshots.length,
    files: total("data-files"),
    rows: total("records"),
  };
}

/** Changes a table as any writer may. */
export async function commit(table, updates, namespace = "bronze") {
  // An id is text here and a number there.
  const body = JSON.stringify({ requirements: [], updates }).replace(/(snapshot-id":)"(-?\d+)"/g, "$1$2");
  await send("POST", `${tables(namespace)}/${table}`, body);
}

/** Has the readers of bronze see an earlier snapshot again; what came after it stays on disk. */
export const setBack = async (snapshot) =>
  await commit("raw_trips", [
    { action: "set-snapshot-ref", "ref-name": "main", type: "branch", "snapshot-id": snapshot },
  ]);

/** Where the files of a table lie on this disk. */
export const folderOf = ({ location }) => fileURLToPath(location.replace(/^file:\/*/, "file:///"));

/**
 * Keeps a table with all of its files, so that a command which deletes some can be measured again. The files are links: deleting
 * one leaves the other.
 *
 * @param kept a folder on the same disk
 * @returns puts the table back as it was
 */
export async function keep(table, kept, namespace = "bronze") {
  const metadata = await metadataOf(table, namespace);
  const folder = folderOf(metadata);
  await rm(kept, { recursive: true, force: true });
  await execa("cp", ["-al", folder, kept]);
  return async () => {
    await rm(folder, { recursive: true });
    await execa("cp", ["-al", kept, folder]);
    await send("DELETE", `${tables(namespace)}/${table}?purgeRequested=false`);
    const body = JSON.stringify({ name: table, "metadata-location": metadata.file });
    await send("POST", `${url("catalog")}/v1/namespaces/${namespace}/register`, body);
  };
}

async function send(method, address, body) {
  const answer = await fetch(address, { method, body, headers: { "content-type": "application/json" } });
  if (!answer.ok) throw new Error(`${method} ${address}: ${answer.status} ${await answer.text()}`);
}

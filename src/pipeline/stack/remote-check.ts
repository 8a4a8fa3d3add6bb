import { randomBytes } from "node:crypto";
import { messageOf, unavailable } from "../../core/errors.js";
import { type Finding, finding } from "../../core/finding.js";
import { plural } from "../../core/format.js";
import { jobEnd } from "../../execution/run-job.js";
import { openGateway } from "../../execution/sessions.js";
import { withSettings } from "../../execution/settings-behind.js";
import { sqlContext } from "../../execution/sql-context.js";
import type { GatewaySession } from "../../flink/gateway.js";
import { totalRecords } from "../../iceberg/catalog.js";
import { kafkaClient } from "../../kafka/client.js";
import { loadTables } from "../../lake/tables.js";
import { readAccount } from "../../ledger/account.js";
import { renderFiles } from "../../sql/files.js";
import { splitStatements } from "../../sql/statements.js";
import type { Workspace } from "../../workspace/workspace.js";
import { jarsCheck, jarsFinding } from "./remote-jars.js";

/** The time limit of a check: nobody should wait longer to learn that an address is wrong. */
const patienceMs = 9_000;

type Outcome = Omit<Finding, "check">;

/**
 * Checks whether servers that pipectl does not manage answer, accept the credentials, and have what a pipeline needs. First
 * each server is checked by itself, all at once; if there is no problem, the checks go through Flink's own processes.
 *
 * @param write also has Flink write one row to a table created for that, and drops it: only that shows the storage's
 *   permissions
 */
export async function checkRemote(workspace: Workspace, write: boolean): Promise<Finding[]> {
  const { runtime, signal } = workspace;
  const inTime = async (check: string, look: () => Promise<Outcome>) => await within(check, look, signal);
  // Asked once: the first error says which setting is wrong, and asking again would use up the time without it.
  const once = { ...workspace, ...workspace.unaborted, signal };
  const first = await Promise.all([
    inTime("Kafka", () => kafka(workspace)),
    inTime("Flink", () => flink(once)),
    inTime(jarsCheck, async () => jarsFinding(await once.flink.classPath(), runtime.storageBundle)),
    ...(runtime.endpoints.gateway === undefined ? [] : [inTime("SQL gateway", () => gateway(workspace))]),
    inTime("Iceberg catalog", () => catalog(once)),
  ]);
  // If Flink itself does not answer, its jars are unknown.
  const there = first.filter(({ check }) => check !== jarsCheck || statusOf(first, "Flink") !== "problem");
  if (there.some(({ status }) => status === "problem")) return there;
  return [...there, await finding("From Flink", async () => await throughFlink(workspace, write))];
}

const statusOf = (findings: readonly Finding[], name: string) =>
  findings.find(({ check }) => check === name)?.status;

/** @throws PipectlError (unavailable) `remote_unusable` with every problem, and what to change for each */
export function requireUsable(findings: readonly Finding[]): void {
  const problems = findings.filter(({ status }) => status === "problem");
  if (problems.length === 0) return;
  const lines = problems.map(
    ({ check, detail, hint }) => `  ${check}: ${detail}${hint === undefined ? "" : `\n    try: ${hint}`}`,
  );
  throw unavailable(
    "remote_unusable",
    [`${plural(problems.length, "problem")} with the servers:`, ...lines].join("\n"),
    {
      hint: "change the settings above, then: pipectl up",
    },
  );
}

async function within(check: string, look: () => Promise<Outcome>, signal: AbortSignal): Promise<Finding> {
  let timer: NodeJS.Timeout | undefined;
  let abort: (() => void) | undefined;
  const late = new Promise<never>((_, reject) => {
    const why = `no answer within ${patienceMs / 1000} s`;
    timer = setTimeout(() => reject(unavailable("timeout", why)), patienceMs);
    abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
  });
  try {
    return await finding(check, async () => await Promise.race([look(), late]));
  } finally {
    clearTimeout(timer);
    if (abort !== undefined) signal.removeEventListener("abort", abort);
  }
}

async function kafka({ runtime, dataset, config }: Workspace): Promise<Outcome> {
  const client = kafkaClient(runtime.endpoints.kafka, runtime.access.kafka, 1);
  try {
    const { brokers } = await client.cluster();
    const { KAFKA_SECURITY_PROTOCOL: protocol, KAFKA_USERNAME: user } = config.values;
    const who = `${plural(brokers, "broker")}, ${protocol}${user === "" ? "" : ` as ${user}`}`;
    const topic = await client.describeTopic(dataset.topic);
    if (topic === undefined)
      return {
        status: "warning",
        detail: `${who}; no topic ${dataset.topic}`,
        hint: "pipectl create-topics",
      };
    return ok(`${who}; ${dataset.topic} with ${plural(topic.partitions, "partition")}`);
  } finally {
    await client.close();
  }
}

async function flink({ flink, config, runtime }: Workspace): Promise<Outcome> {
  const [{ version, taskManagers, slots, freeSlots }, settings] = await Promise.all([
    flink.overview(),
    flink.settings(),
  ]);
  const detail = `${version}, ${plural(taskManagers, "TaskManager")}, ${freeSlots} of ${plural(slots, "slot")} free`;
  const problem = (why: string, hint: string): Outcome => ({
    status: "problem",
    detail: `${detail}: ${why}`,
    hint,
  });
  if (!/^2\.1\./.test(version))
    return problem(
      "pipectl is made for Flink 2.1",
      "the only one for which its Iceberg and Kafka jars exist",
    );
  const { MODE, PARALLELISM } = config.values;
  const folder = (name: string) =>
    settings[`execution.checkpointing.${name}`] ?? runtime.inside.checkpointDir;
  const missing = [
    ...((folder("dir") ?? settings["state.checkpoints.dir"]) === undefined ? ["checkpoints"] : []),
    ...((folder("savepoint-dir") ?? settings["state.savepoints.dir"]) === undefined ? ["savepoints"] : []),
  ];
  if (MODE !== "batch" && missing.length > 0) {
    const hint = "set CHECKPOINT_DIR to a folder that all of Flink's processes see";
    return problem(`its settings name no folder for ${missing.join(" and ")}`, hint);
  }
  // Only a warning: pipectl's own stream may use the slots, and a cluster that starts TaskManagers on demand shows none
  // before a job.
  if (slots > 0 && freeSlots < PARALLELISM)
    return {
      status: "warning",
      detail: `${detail}: too few for PARALLELISM=${PARALLELISM}`,
      hint: "pipectl jobs",
    };
  return ok(detail);
}

async function gateway({ pingGateway, runtime }: Workspace): Promise<Outcome> {
  await pingGateway();
  return ok(`answers on ${runtime.endpoints.gateway}`);
}

async function catalog({ catalog, dataset }: Workspace): Promise<Outcome> {
  await catalog.ping();
  const tables = await loadTables(catalog, dataset);
  if (tables.bronze === undefined) return ok("no tables yet; process creates them");
  readAccount(tables.bronze, tables.dlq);
  return ok("tables and their account agree");
}

/** Flink's gateway reads the definitions of catalog and topic, and with `write` a job writes a row. */
async function throughFlink(workspace: Workspace, write: boolean): Promise<Outcome> {
  const { config, dataset, runtime, signal } = workspace;
  const context = sqlContext(config, dataset, runtime.inside, { run: "check", batch: true });
  const session = await openGateway(workspace);
  try {
    const files = renderFiles(config.root, ["00_catalog", "01_source"], context);
    await tryWithToken(workspace, session, files.get("00_catalog") as string);
    for (const [name, text] of files)
      for (const { sql } of splitStatements(name, text)) await session.execute(sql, signal);
    await session.query("EXPLAIN SELECT * FROM source_records", 1, signal);
    if (!write)
      return ok("the gateway has Kafka, Iceberg and the strict JSON format, and reaches the catalog");
    return await writeRow(workspace, session);
  } catch (error) {
    throw withSettings(workspace, error);
  } finally {
    await session.close();
  }
}

/**
 * A gateway that cannot reach the catalog logs its connection options. It masks a token there, but not the credential that
 * tokens are made from. So a token is tried first.
 */
async function tryWithToken(
  { runtime, signal }: Workspace,
  session: GatewaySession,
  text: string,
): Promise<void> {
  const credential = `'credential' = '\${CATALOG_CREDENTIAL}'`;
  if (!text.includes(credential)) return;
  const { authorization = "" } = (await runtime.access.catalog?.headers?.()) ?? {};
  const token = authorization.replace(/^Bearer /, "").replaceAll("'", "''");
  const trial = text
    .replace(credential, () => `'token' = '${token}'`)
    .replace("CATALOG lake", "CATALOG pipectl_check");
  for (const { sql } of splitStatements("00_catalog", trial)) await session.execute(sql, signal);
  await session.execute("DROP CATALOG pipectl_check", signal);
}

/** Has a job write a row to a table that is created for it and dropped afterwards. */
async function writeRow(workspace: Workspace, session: GatewaySession): Promise<Outcome> {
  const { dataset, catalog, signal } = workspace;
  const cleanup = workspace.unaborted;
  const id = {
    namespace: dataset.tables.bronze.namespace,
    table: `pipectl_check_${randomBytes(4).toString("hex")}`,
  };
  const fields = [{ name: "n", type: "int", required: false }];
  try {
    await catalog.createTable(id, { fields, partitionBy: [], properties: { "format-version": "2" } });
    const name = `pipectl check ${id.table}`;
    await session.execute("SET 'table.dml-sync' = 'false'", signal);
    await session.execute(`SET 'pipeline.name' = '${name}'`, signal);
    const insert = `INSERT INTO lake.\`${id.namespace}\`.\`${id.table}\` VALUES (1)`;
    // Not aborted once it has begun: the job might start after pipectl has looked for it.
    await jobEnd(workspace, session.execute(insert, cleanup.signal), { name }, 60_000);
    const rows = totalRecords((await catalog.table(id))?.current);
    if (rows !== 1)
      return { status: "problem", detail: `Flink wrote one row, but the catalog shows ${rows}` };
    return ok("a job has written a row to the warehouse, and the catalog shows it");
  } finally {
    // Not every catalog deletes files. A failure here must not hide an earlier error.
    await cleanup.catalog
      .dropTable(id, "and its files")
      .catch(async () => await cleanup.catalog.dropTable(id))
      .catch((error) =>
        workspace.report({ type: "warning", text: `${id.namespace}.${id.table} stays: ${messageOf(error)}` }),
      );
  }
}

const ok = (detail: string): Outcome => ({ status: "ok", detail });

import { isDeepStrictEqual } from "node:util";
import { LosslessNumber, stringify } from "lossless-json";
import type { Patience } from "../core/ask-again.js";
import { failed, unavailable } from "../core/errors.js";
import { http } from "../core/http.js";
import type { Access } from "../core/http-access.js";
import { parseExact } from "../core/json.js";
import { confirmed } from "./confirm.js";
import { showsColumns, showsCommit } from "./landed.js";
import {
  asSent,
  type Layout,
  type LayoutMetadata,
  layoutChanges,
  layoutCommit,
  newLayout,
  readLayout,
} from "./layout.js";
import { type IcebergField, type TableField, withIds } from "./types.js";

/** `namespace.table` in two parts. */
export interface TableId {
  readonly namespace: string;
  readonly table: string;
}

export interface NewTable {
  /** Field ids are assigned by position. */
  readonly fields: readonly IcebergField[];
  /** Columns to partition by, as they are (identity), or with a transform: `month(day)`. */
  readonly partitionBy: readonly string[];
  readonly properties: Readonly<Record<string, string>>;
  /** URI of the table's folder; by default the catalog chooses. */
  readonly location?: string;
}

export interface Snapshot {
  /** 64 bits, as text: a JavaScript number would round it. */
  readonly id: string;
  readonly parentId: string | null;
  /** Milliseconds since 1970. */
  readonly timestampMs: number;
  readonly operation: string;
  readonly summary: Readonly<Record<string, string>>;
}

export interface Table {
  readonly id: TableId;
  readonly uuid: string;
  readonly properties: Readonly<Record<string, string>>;
  /** The current one. */
  readonly schema: TableSchema;
  readonly layout: Layout;
  readonly snapshots: readonly Snapshot[];
  /** Snapshot id by branch or tag. */
  readonly refs: Readonly<Record<string, string>>;
  /** The snapshot that readers see; undefined when nothing was ever written. */
  readonly current: Snapshot | undefined;
  /** Size of the catalog's response, which every reader and writer loads first. */
  readonly metadataBytes: number;
}

export interface TableSchema {
  readonly id: number;
  readonly fields: readonly TableField[];
  /** The highest field id ever used in any schema of the table. */
  readonly lastColumnId: number;
  /** Those of its other schemas that have no identifier fields: to go back to one, it is named, not sent. */
  readonly earlier?: readonly { readonly id: number; readonly fields: readonly TableField[] }[];
}

/** New columns for a table; see `alter`. */
export interface SchemaChange {
  /** The change is refused when the table's columns, or its layout, are no longer these. */
  readonly table: Pick<Table, "id" | "schema" | "layout">;
  readonly fields: readonly TableField[];
  readonly lastColumnId: number;
  /** As in `NewTable`: the table gets the layout of a new one. As it is when left out. */
  readonly partitionBy?: readonly string[];
  readonly setProperties: Readonly<Record<string, string>>;
}

/** A change of one table; see `commit`. */
export interface TableChange {
  readonly id: TableId;
  /** The change is refused when a branch is not where it was: snapshot id, or null for "does not exist". */
  readonly assertRefs: Readonly<Record<string, string | null>>;
  /** Branches to move or to create. */
  readonly setRefs?: Readonly<Record<string, string>>;
  readonly removeRefs?: readonly string[];
  readonly setProperties?: Readonly<Record<string, string>>;
}

export interface IcebergCatalog {
  readonly url: string;
  /** Throws when the catalog does not answer. */
  ping(): Promise<void>;
  /** Undefined when there is no such table (or namespace). */
  table(id: TableId): Promise<Table | undefined>;
  /** Creates the namespace, too. False when the table exists already. */
  createTable(id: TableId, table: NewTable): Promise<boolean>;
  /**
   * Makes all of the change or nothing. There is no call for several tables: not every catalog has transactions, and the one that
   * Iceberg ships commits table by table and can leave one out silently.
   *
   * @throws PipectlError (failed) when the change was refused, `commit_conflict` when somebody else has moved a branch in the
   *   meantime; (unavailable) when it is unknown whether the change was made
   */
  commit(change: TableChange): Promise<void>;
  /** Changes the table's columns, and its layout for new files, by metadata alone. @throws as `commit` */
  alter(change: SchemaChange): Promise<void>;
  /** Drops the table. Its files stay unless purging is asked for. */
  dropTable(id: TableId, files?: "and its files"): Promise<void>;
  /** Drops a namespace without tables. */
  dropNamespace(namespace: string): Promise<void>;
}

/** A catalog that somebody else operates. */
export interface CatalogAccess extends Access {
  /** The catalog's name of the warehouse. */
  readonly warehouse?: string;
  /** The path prefix after `/v1`, unless the catalog names one itself. Iceberg in Flink has the same precedence. */
  readonly prefix?: string;
}

/**
 * An Iceberg REST catalog (open-api/rest-catalog-open-api.yaml of Iceberg 1.11).
 *
 * @param access credentials and prefix; undefined for a catalog that pipectl starts, which has neither
 * @param patience how long a look is asked again; once, unless told
 */
export function icebergCatalog(
  url: string,
  signal: AbortSignal,
  access?: CatalogAccess,
  patience?: Patience,
): IcebergCatalog {
  const service = "the Iceberg catalog";
  const query = access?.warehouse === undefined ? "" : `?warehouse=${encodeURIComponent(access.warehouse)}`;
  let asked: Promise<string> | undefined;

  async function send(method: "GET" | "POST" | "DELETE", path: string, body?: unknown) {
    const { status, text, reason } = await http(service, `${url}${path}`, {
      method,
      signal,
      access,
      timeoutMs: 30_000,
      ...(method === "GET" ? { patience } : {}),
      ...(body === undefined ? {} : { body: stringify(body) as string }),
    });
    const answer = text === "" ? undefined : parseBody(text, `${url}${path}`, status);
    const said =
      (answer as ErrorBody | undefined)?.error ?? (reason === undefined ? undefined : { message: reason });
    return { status, text, answer, error: said };
  }

  async function config(): Promise<string> {
    const { status, answer, error } = await send("GET", `/v1/config${query}`);
    if (status !== 200) refuse("asking for its configuration", status, error);
    const { overrides, defaults } = answer as ConfigBody;
    return overrides?.prefix ?? access?.prefix ?? defaults?.prefix ?? "";
  }

  /** The beginning of the paths of namespaces and tables. */
  async function base(): Promise<string> {
    if (access === undefined) return "/v1";
    asked ??= config();
    asked.catch(() => {
      asked = undefined;
    });
    const prefix = await asked;
    // A prefix may itself be a path.
    return prefix === "" ? "/v1" : `/v1/${prefix.split("/").map(encodeURIComponent).join("/")}`;
  }

  const call = async (method: "GET" | "POST" | "DELETE", path: string, body?: unknown) =>
    await send(method, `${await base()}${path}`, body);

  function refuse(what: string, status: number, error: ErrorBody["error"]): never {
    const reason = error?.message?.split("\n")[0] ?? `HTTP ${status}`;
    if (status === 409) throw failed("commit_conflict", `${what}: ${reason}`);
    if (access !== undefined && status === 403) {
      throw failed(
        "catalog_forbidden",
        `${what}: the Iceberg catalog at ${url} does not permit it: ${reason}`,
        {
          hint: `pipectl creates and changes tables: give ${access.settings.credentials} the rights for it`,
        },
      );
    }
    const kind = status >= 500 ? unavailable : failed;
    throw kind("catalog_error", `${what}: the Iceberg catalog at ${url} answers HTTP ${status}: ${reason}`, {
      hint:
        access === undefined
          ? "pipectl logs catalog"
          : `check ${access.settings.address} and CATALOG_WAREHOUSE`,
    });
  }

  async function ensureNamespace(namespace: string): Promise<void> {
    const there = async () => (await call("GET", `/namespaces/${namespace}`)).status === 200;
    if (await there()) return;
    const { status, error } = await call("POST", "/namespaces", {
      namespace: [namespace],
      properties: {},
    });
    // Somebody else may have created it first. A catalog over JDBC answers 500 to that instead of 409.
    if (status !== 200 && !(await there())) refuse(`creating namespace ${namespace}`, status, error);
  }

  async function load(id: TableId): Promise<Table | undefined> {
    const { status, text, answer, error } = await call("GET", tablePath(id));
    if (status === 404) return undefined;
    if (status !== 200) refuse(`loading ${nameOf(id)}`, status, error);
    return readTable(id, answer, Buffer.byteLength(text));
  }

  /** Posts a change of a table, until the table shows it. @returns whether the catalog ever spoke of a conflict */
  async function post(
    what: string,
    id: TableId,
    body: object,
    shows: (now: Table | undefined) => boolean,
    path = tablePath(id),
  ): Promise<boolean> {
    let conflict = false;
    const commit = {
      what,
      send: async () => {
        const answer = await call("POST", path, body);
        conflict ||= answer.status === 409;
        return answer;
      },
      landed: async () => shows(await load(id)),
      refuse: ({ status, error }: Awaited<ReturnType<typeof send>>) => refuse(what, status, error),
    };
    await confirmed(commit, signal);
    return conflict;
  }

  return {
    url,
    ping: async () => {
      await config();
    },

    table: load,

    createTable: async (id, { fields, partitionBy, properties, location }) => {
      await ensureNamespace(id.namespace);
      let last = fields.length;
      const nextId = () => ++last;
      const columns = fields.map((field, i) => ({ ...field, id: i + 1, type: withIds(field.type, nextId) }));
      const [spec] = newLayout(partitionBy, columns).specs;
      const body = {
        name: id.table,
        ...(location === undefined ? {} : { location }),
        schema: { type: "struct", "schema-id": 0, fields: columns },
        "partition-spec": { "spec-id": 0, fields: asSent(spec?.fields ?? []) },
        properties,
      };
      const isThere = (now: Table | undefined) => now !== undefined;
      const path = `/namespaces/${id.namespace}/tables`;
      return !(await post(`creating ${nameOf(id)}`, id, body, isThere, path));
    },

    commit: async (change) => {
      const { id, assertRefs, setRefs = {}, removeRefs = [], setProperties } = change;
      const body = {
        identifier: { namespace: [id.namespace], name: id.table },
        requirements: Object.entries(assertRefs).map(([ref, snapshot]) => ({
          type: "assert-ref-snapshot-id",
          ref,
          "snapshot-id": snapshot === null ? null : new LosslessNumber(snapshot),
        })),
        updates: [
          ...Object.entries(setRefs).map(([ref, snapshot]) => ({
            action: "set-snapshot-ref",
            "ref-name": ref,
            type: "branch",
            "snapshot-id": new LosslessNumber(snapshot),
          })),
          ...removeRefs.map((ref) => ({ action: "remove-snapshot-ref", "ref-name": ref })),
          ...(setProperties === undefined ? [] : [{ action: "set-properties", updates: setProperties }]),
        ],
      };
      await post(`committing to ${nameOf(id)}`, id, body, (now) => showsCommit(change, now));
    },

    alter: async ({ table, fields, lastColumnId, partitionBy, setProperties }) => {
      const { id, schema, layout } = table;
      const next = { ...table, schema: { fields } };
      const relaid = partitionBy === undefined ? undefined : layoutCommit(next, partitionBy);
      // A schema without identifier fields is another one. One that stays is not sent: a catalog would not take it for new.
      const isNew =
        !isDeepStrictEqual(fields, schema.fields) || (relaid !== undefined && layout.identifiers.length > 0);
      const known = schema.earlier?.find((one) => isDeepStrictEqual(one.fields, fields));
      const body = {
        identifier: { namespace: [id.namespace], name: id.table },
        requirements: [
          { type: "assert-current-schema-id", "current-schema-id": schema.id },
          { type: "assert-last-assigned-field-id", "last-assigned-field-id": schema.lastColumnId },
          ...(relaid?.requirements ?? []),
        ],
        updates: [
          ...(isNew && known === undefined
            ? [{ action: "add-schema", schema: { type: "struct", fields }, "last-column-id": lastColumnId }]
            : []),
          // -1 means the schema just added.
          ...(isNew ? [{ action: "set-current-schema", "schema-id": known?.id ?? -1 }] : []),
          ...(relaid?.updates ?? []),
          ...(Object.keys(setProperties).length === 0
            ? []
            : [{ action: "set-properties", updates: setProperties }]),
        ],
      };
      const isMade = (now: Table | undefined) =>
        showsColumns({ fields, setProperties }, now) &&
        (now === undefined || partitionBy === undefined || layoutChanges(now, partitionBy).length === 0);
      await post(`changing ${nameOf(id)}`, id, body, isMade);
    },

    dropTable: async (id, files) => {
      const purge = files === undefined ? "false" : "true";
      const { status, error } = await call("DELETE", `${tablePath(id)}?purgeRequested=${purge}`);
      if (status !== 204 && status !== 200 && status !== 404) refuse(`dropping ${nameOf(id)}`, status, error);
    },

    dropNamespace: async (namespace) => {
      const { status, error } = await call("DELETE", `/namespaces/${namespace}`);
      if (status !== 204 && status !== 200 && status !== 404) refuse(`dropping ${namespace}`, status, error);
    },
  };
}

interface ErrorBody {
  readonly error?: { readonly message?: string };
}

const nameOf = (id: TableId) => `${id.namespace}.${id.table}`;
const tablePath = (id: TableId) => `/namespaces/${id.namespace}/tables/${id.table}`;

interface ConfigBody {
  readonly overrides?: { readonly prefix?: string };
  readonly defaults?: { readonly prefix?: string };
}

function parseBody(text: string, where: string, status: number): unknown {
  const body = parseExact(text);
  if (body !== undefined) return body;
  // A proxy in front of the catalog refuses in its own format. Its 404 says nothing about a table.
  if (status === 403 || status >= 500)
    return { error: { message: `HTTP ${status}: ${text.split("\n")[0]?.slice(0, 200)}` } };
  throw unavailable("catalog_error", `${where} does not answer with JSON: is it an Iceberg REST catalog?`, {
    hint: "pipectl logs catalog",
  });
}

interface Metadata extends LayoutMetadata {
  readonly "table-uuid": string;
  readonly properties?: Record<string, string>;
  readonly "last-column-id": number;
  readonly schemas: readonly {
    readonly "schema-id": number;
    readonly "identifier-field-ids"?: readonly number[];
    readonly fields: TableField[];
  }[];
  readonly snapshots?: {
    readonly "snapshot-id": string | number;
    readonly "parent-snapshot-id"?: string | number;
    readonly "timestamp-ms": number;
    readonly summary: Record<string, string>;
  }[];
  readonly refs?: Record<string, { readonly "snapshot-id": string | number }>;
}

function readTable(id: TableId, answer: unknown, metadataBytes: number): Table {
  const { metadata } = answer as { metadata: Metadata };
  const snapshots = (metadata.snapshots ?? []).map((snapshot) => {
    const { operation = "", ...summary } = snapshot.summary;
    const parent = snapshot["parent-snapshot-id"];
    return {
      id: String(snapshot["snapshot-id"]),
      parentId: parent === undefined ? null : String(parent),
      timestampMs: snapshot["timestamp-ms"],
      operation,
      summary,
    };
  });
  const refs = Object.fromEntries(
    Object.entries(metadata.refs ?? {}).map(([name, ref]) => [name, String(ref["snapshot-id"])]),
  );
  const schema = metadata.schemas.find(
    (candidate) => candidate["schema-id"] === metadata["current-schema-id"],
  );
  return {
    id,
    uuid: metadata["table-uuid"],
    properties: metadata.properties ?? {},
    schema: {
      id: metadata["current-schema-id"],
      fields: schema?.fields ?? [],
      lastColumnId: metadata["last-column-id"],
      earlier: metadata.schemas
        .filter((one) => one !== schema && (one["identifier-field-ids"] ?? []).length === 0)
        .map((one) => ({ id: one["schema-id"], fields: one.fields })),
    },
    layout: readLayout(metadata, schema?.fields ?? []),
    snapshots,
    refs,
    current: snapshots.find((snapshot) => snapshot.id === refs.main),
    metadataBytes,
  };
}

/** The number of rows as of a snapshot, from its summary; 0 without a snapshot. */
export function totalRecords(snapshot: Snapshot | undefined): number {
  return Number(snapshot?.summary["total-records"] ?? 0);
}

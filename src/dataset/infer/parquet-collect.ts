import { isUtf8 } from "node:buffer";
import { usage } from "../../core/errors.js";
import type { Collector, ObservedInput } from "../formats/input-format.js";
import { openTable, unreadable } from "../inputs/parquet.js";
import { type TargetType, valueToken } from "../inputs/parquet-values.js";
import { fromText, toBytes } from "../inputs/row-encoder.js";
import { DamagedAfter } from "../parquet/rows.js";
import type { Node } from "../parquet/tree.js";
import type { Declared } from "./guess.js";
import type { Observation } from "./observation.js";
import { declaredOf, textReason, undeclarable } from "./parquet-declared.js";
import { RecordCollect } from "./record-collect.js";

/** Collects from Parquet files: the schema's types, and the values as `generate` would send them. */
export class ParquetCollect implements Collector {
  readonly #records = new RecordCollect("the files");
  /** By column; undefined when two files disagree, or do not declare a type: then the values decide. */
  readonly #declared = new Map<string, Declared | undefined>();
  /** Columns that no type takes, with the reason. */
  readonly #leftOut = new Map<string, string>();
  readonly #remarks = new Set<string>();

  get records(): number {
    return this.#records.records;
  }

  /** Reads one file, until there are `limit` records in total. */
  async add({ where: path, onProgress }: ObservedInput, limit: number): Promise<void> {
    const table = await openTable(path);
    const names = table.columns.map(({ name }) => name);
    const twice = names.find((name, index) => names.indexOf(name) < index);
    if (twice !== undefined) {
      throw usage("input_columns", `${path} has the column ${JSON.stringify(twice)} twice`, {
        hint: "A record can have a field only once.",
      });
    }
    const tokens = table.columns.map((node) => this.#tokenOf(node));
    if (table.oddity !== undefined) this.#remarks.add(`${path}: ${table.oddity}`);
    for (const leaf of table.leaves) {
      const asText = textReason(leaf);
      if (asText !== undefined) this.#remarks.add(`${JSON.stringify(leaf.path.join("."))} is ${asText}`);
    }
    const prefixes = names.map(
      (name, index) => `${index === 0 ? "{" : ","}${JSON.stringify(fromText(name))}:`,
    );
    try {
      for await (const { rows } of table.slices()) {
        for (const row of rows) {
          let text = "";
          for (let index = 0; index < prefixes.length; index++)
            text += `${prefixes[index]}${tokens[index]?.(row[index])}`;
          this.#add(`${text}}`);
          if (this.records >= limit) return;
        }
        onProgress();
      }
    } catch (error) {
      throw error instanceof DamagedAfter ? unreadable(path, error) : error;
    }
  }

  #tokenOf(node: Node) {
    const { name } = node;
    const declared = declaredOf(node);
    const known = this.#declared.has(name) ? this.#declared.get(name) : declared;
    this.#declared.set(name, known?.type === declared?.type ? declared : undefined);
    const reason = undeclarable(node);
    if (reason !== undefined) this.#leftOut.set(name, reason);
    return valueToken(node, targetOf(declared), (value) => {
      const bytes = value as Uint8Array;
      if (isUtf8(bytes)) return JSON.stringify(Buffer.from(bytes).toString("latin1"));
      // `generate` sends such bytes in base64, so that the column is left out.
      this.#leftOut.set(name, "bytes that are no text");
      return '""';
    });
  }

  observation(): Observation {
    const known = [...this.#declared].flatMap(([name, declared]) =>
      declared ? [[name, declared] as const] : [],
    );
    const observation = this.#records.observation(new Map(known));
    const columns = observation.columns.map((column) => {
      const leftOut = this.#leftOut.get(column.source);
      return leftOut === undefined ? column : { ...column, guess: { leftOut } };
    });
    return { ...observation, columns, remarks: [...(observation.remarks ?? []), ...this.#remarks] };
  }

  #add(text: string) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: everything that is not ASCII
    if (/[^\u0000-\u007f]/.test(text) && !isUtf8(toBytes(text))) this.#records.add(null);
    else this.#records.addObject(text);
  }
}

/** The type that the dataset will have, as far as it changes what is sent. */
function targetOf(declared: Declared | undefined): TargetType | undefined {
  if (declared === undefined) return undefined;
  const { kind, fields, element } = declared;
  const inner = targetOf(element);
  return {
    kind,
    ...(inner === undefined ? {} : { element: inner }),
    ...(fields === undefined
      ? {}
      : { fields: [...fields].map(([name, part]) => ({ name, type: targetOf(part) as TargetType })) }),
  };
}

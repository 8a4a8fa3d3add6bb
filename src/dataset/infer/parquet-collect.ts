import { isUtf8 } from "node:buffer";
import { usage } from "../../core/errors.js";
import type { Collector, ObservedInput } from "../formats/input-format.js";
import { openTable } from "../inputs/parquet.js";
import { isBinary, type TargetType, valueToken } from "../inputs/parquet-values.js";
import { fromText, toBytes } from "../inputs/row-encoder.js";
import type { Declared } from "./guess.js";
import type { Observation } from "./observation.js";
import { declaredOf } from "./parquet-declared.js";
import { RecordCollect } from "./record-collect.js";

/** Collects from Parquet files: the schema's types, and the values as `generate` would send them. */
export class ParquetCollect implements Collector {
  readonly #records = new RecordCollect("the files");
  /** By column; undefined when two files disagree, or do not declare a type: then the values decide. */
  readonly #declared = new Map<string, Declared | undefined>();
  /** Columns of bytes, some of which are not text. */
  readonly #binary = new Set<string>();

  get records(): number {
    return this.#records.records;
  }

  /** Reads one file, until there are `limit` records in total. */
  async add({ where: path, onProgress }: ObservedInput, limit: number): Promise<void> {
    const table = await openTable(path);
    const names = table.columns.map(({ element }) => element.name);
    const twice = names.find((name, index) => names.indexOf(name) < index);
    if (twice !== undefined) {
      throw usage("input_columns", `${path} has the column ${JSON.stringify(twice)} twice`, {
        hint: "A record can have a field only once.",
      });
    }
    const tokens = table.columns.map((node) => {
      const { name } = node.element;
      const declared = declaredOf(node);
      const known = this.#declared.has(name) ? this.#declared.get(name) : declared;
      this.#declared.set(name, known?.type === declared?.type ? declared : undefined);
      const token = valueToken(node, targetOf(declared));
      return isBinary(node.element) ? this.#watched(name, token) : token;
    });
    const prefixes = names.map(
      (name, index) => `${index === 0 ? "{" : ","}${JSON.stringify(fromText(name))}:`,
    );
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
  }

  observation(): Observation {
    const known = [...this.#declared].flatMap(([name, declared]) =>
      declared ? [[name, declared] as const] : [],
    );
    const observation = this.#records.observation(new Map(known));
    const columns = observation.columns.map((column) =>
      this.#binary.has(column.source) ? { ...column, guess: { leftOut: "bytes that are no text" } } : column,
    );
    return { ...observation, columns };
  }

  #add(text: string) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: everything that is not ASCII
    if (/[^\u0000-\u007f]/.test(text) && !isUtf8(toBytes(text))) this.#records.add(Buffer.of(0xff));
    else this.#records.addObject(text);
  }

  /** A column with bytes that are not text is left out: `generate` sends such bytes in base64. */
  #watched(name: string, token: (value: unknown) => string) {
    return (value: unknown) => {
      if (!(value instanceof Uint8Array) || isUtf8(value)) return token(value);
      this.#binary.add(name);
      return '""';
    };
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

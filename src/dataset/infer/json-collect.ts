import type { Collector, ObservedInput } from "../formats/input-format.js";
import { splitterOf } from "../inputs/json-splitter.js";
import { RecordCollect } from "./record-collect.js";

/** Collects from JSON inputs, in either layout. */
export class JsonCollect implements Collector {
  readonly #collect: RecordCollect;

  /** @param where names the inputs in errors */
  constructor(where: string) {
    this.#collect = new RecordCollect(where);
  }

  get records() {
    return this.#collect.records;
  }

  async add({ format, where, bytes }: ObservedInput, limit: number): Promise<void> {
    const splitter = splitterOf(format.name, where);
    const take = (records: Iterable<Buffer>) => {
      for (const record of records) {
        this.#collect.addLine(record);
        if (this.records >= limit) return true;
      }
      return false;
    };
    for await (const chunk of bytes) if (take(splitter.push(chunk))) return;
    take(splitter.end());
  }

  observation = () => this.#collect.observation();
}

import type { Column, Dataset } from "../types.js";
import { clockVariables, evaluationOrder } from "./check.js";
import { dayOf, EventTimes, hourOf, weekdayOf } from "./event-times.js";
import { Random } from "./random.js";
import { compileSampler, keptValue, type Row, type Sampler, type SamplerContext } from "./samplers.js";
import type { SyntheticSpec } from "./spec.js";
import { TimeValues, type Value } from "./time-values.js";

/** Values that are the same for every dataset: hours and weekdays. */
const smallIntegers = Array.from({ length: 24 }, (_, index) => keptValue(index, String(index), ""));

/** Makes valid records, value by value. */
export interface RowMaker {
  /** The columns of a record, in the order of the manifest. */
  readonly columns: readonly Column[];
  /** @returns the next record's values, one for each column, then the variables; overwritten by the next call */
  next(): readonly Value[];
}

/** @param firstDay days since 1970-01-01 */
export function rowMaker(dataset: Dataset, spec: SyntheticSpec, seed: number, firstDay: number): RowMaker {
  const columns = dataset.columns.filter(
    (column) => column.name === dataset.eventTime || Object.hasOwn(spec.columns, column.name),
  );
  // Columns come first, so that the values of a record are the first slots of a row.
  const names = [...columns.map((column) => column.name), ...Object.keys(spec.variables), ...clockVariables];
  const slots = new Map(names.map((name, slot) => [name, slot]));
  const slotOf = (name: string) => {
    const slot = slots.get(name);
    if (slot === undefined) throw new Error(`the manifest check let the name ${name} pass`);
    return slot;
  };
  const prefixOf = (slot: number) =>
    slot < columns.length ? `${slot === 0 ? "{" : ","}${JSON.stringify(columns[slot]?.source)}:` : "";
  const nulls = nullGroups(spec);
  const ordered = evaluationOrder(spec);
  const steps = ("order" in ordered ? ordered.order : []).map((name): Sampler => {
    const generator = spec.columns[name] ?? spec.variables[name];
    if (!generator) throw new Error(`${name} has no generator`);
    const slot = slotOf(name);
    const context = { slot, column: columns[slot], prefix: prefixOf(slot), slotOf };
    return nulls.wrap(name, context, compileSampler(generator, context));
  });

  const row: Row = names.map(() => keptValue(0, "null", ""));
  const eventTimes = new EventTimes(spec.event_time, seed, firstDay);
  const random = new Random(seed, 3);
  const eventSlot = slotOf(String(dataset.eventTime));
  const eventValues = new TimeValues(prefixOf(eventSlot));
  const [hourSlot, weekdaySlot] = [slotOf("event_hour"), slotOf("event_weekday")];
  return {
    columns,
    next() {
      const seconds = eventTimes.next();
      row[eventSlot] = eventValues.value(seconds);
      row[hourSlot] = smallIntegers[hourOf(seconds)] as Value;
      row[weekdaySlot] = smallIntegers[weekdayOf(dayOf(seconds))] as Value;
      nulls.draw(random);
      for (const step of steps) step(row, random);
      return row;
    },
  };
}

/** Columns that are NULL together. Drawn once per record, before any value, so that sums and cases see the NULL. */
function nullGroups(spec: SyntheticSpec) {
  const groups = spec.nulls_together;
  const isNull = groups.map(() => false);
  return {
    draw(random: Random) {
      for (let group = 0; group < groups.length; group++) {
        isNull[group] = random.float() < (groups[group]?.probability ?? 0);
      }
    },
    wrap(name: string, { slot, prefix }: SamplerContext, sampler: Sampler): Sampler {
      const group = groups.findIndex((candidate) => candidate.columns.includes(name));
      if (group < 0) return sampler;
      const missing = keptValue(0, "null", prefix);
      return (row, random) => {
        if (isNull[group]) row[slot] = missing;
        else sampler(row, random);
      };
    },
  };
}

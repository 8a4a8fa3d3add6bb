import { sum } from "../../core/sum.js";
import { isNested, isNumeric, parseColumnType } from "../column-type.js";
import type { Path, Problem } from "../manifest-file.js";
import type { Generator, SyntheticSpec } from "./spec.js";

/** Variables of every spec: the hour of the event time, and its weekday (0 is Monday). */
export const clockVariables = ["event_hour", "event_weekday"] as const;

type Columns = ReadonlyMap<string, { readonly name: string; readonly type: string }>;

/** The names that a generator reads, including its nested generators. */
function inputsOf(generator: Generator): string[] {
  if ("by" in generator) {
    return [generator.by, ...[...Object.values(generator.cases), generator.else].flatMap(inputsOf)];
  }
  if ("if" in generator) return [generator.if, ...inputsOf(generator.then), ...inputsOf(generator.else)];
  if ("power" in generator) return [generator.power.of];
  if ("linear" in generator) return Object.keys(generator.linear.terms);
  if ("sum" in generator) return generator.sum;
  if ("after" in generator) return [generator.after.column, generator.after.seconds];
  return [];
}

/**
 * Names of columns and variables, each after those that it reads.
 *
 * @returns the names of a cycle instead, if there is one
 */
export function evaluationOrder(spec: SyntheticSpec): { order: string[] } | { cycle: string[] } {
  const generators = new Map([...Object.entries(spec.variables), ...Object.entries(spec.columns)]);
  const order: string[] = [];
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): string[] | undefined => {
    const generator = generators.get(name);
    if (done.has(name) || generator === undefined) return undefined;
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    for (const input of inputsOf(generator)) {
      const cycle = visit(input, [...path, name]);
      if (cycle) return cycle;
    }
    done.add(name);
    order.push(name);
    return undefined;
  };
  for (const name of generators.keys()) {
    const cycle = visit(name, []);
    if (cycle) return { cycle };
  }
  return { order };
}

/** Problems of the spec: unknown names, generators that do not fit their column's type, and values that depend on themselves. */
export function syntheticProblems(
  spec: SyntheticSpec,
  columns: Columns,
  eventTime: string,
  naturalKey: readonly string[],
): Problem[] {
  const problems: Problem[] = [];
  const report = (path: Path, message: string) => problems.push({ path: ["synthetic", ...path], message });
  const readable = new Set([
    ...clockVariables,
    ...Object.keys(spec.variables),
    ...Object.keys(spec.columns),
    eventTime,
  ]);
  for (const [section, entries] of [
    ["variables", spec.variables],
    ["columns", spec.columns],
  ] as const) {
    for (const [name, generator] of Object.entries(entries)) {
      const path = [section, name];
      const column = columns.get(name);
      if (section === "columns" && !column) report(path, `there is no column ${name}`);
      if (section === "variables" && column)
        report(path, `${name} is a column: a variable needs another name`);
      if (name === eventTime) report(path, "the event time comes from synthetic.event_time");
      for (const input of inputsOf(generator)) {
        if (!readable.has(input)) report(path, `there is no column or variable ${input} with a generator`);
      }
      for (const problem of generatorProblems(generator, column?.type)) report(path, problem);
    }
  }
  const ordered = evaluationOrder(spec);
  if ("cycle" in ordered) report(["columns"], `values that need each other: ${ordered.cycle.join(" -> ")}`);
  spec.nulls_together.forEach((group, index) => {
    group.columns.forEach((name, at) => {
      const path = ["nulls_together", index, "columns", at];
      if (!Object.hasOwn(spec.columns, name)) report(path, `there is no column ${name} with a generator`);
    });
  });
  if (naturalKey.length > 0 && !naturalKey.includes(eventTime)) {
    // Only event times are distinct, so the key must include the event time.
    report(["event_time"], `the natural key does not hold ${eventTime}, so made records could share a key`);
  }
  return problems;
}

function generatorProblems(generator: Generator, typeText: string | undefined): string[] {
  if ("by" in generator) {
    return [...Object.values(generator.cases), generator.else].flatMap((each) =>
      generatorProblems(each, typeText),
    );
  }
  if ("if" in generator) {
    return [generator.then, generator.else].flatMap((each) => generatorProblems(each, typeText));
  }
  const problems: string[] = [];
  if ("choice" in generator && !(totalWeight(generator.choice) + (generator.rest?.weight ?? 0) > 0)) {
    problems.push("the weights of a choice must add up to more than 0");
  }
  if ("rest" in generator && generator.rest && generator.rest.from > generator.rest.to) {
    problems.push("rest: from must not be above to");
  }
  const type = typeText === undefined ? undefined : parseColumnType(typeText);
  if (!type) return problems;
  if (type.kind === "timestamp_ltz" || isNested(type)) {
    problems.push(`no generator makes a ${typeText}`);
  } else if (
    "after" in generator ? type.kind !== "timestamp" : type.kind === "timestamp" || type.kind === "date"
  ) {
    problems.push(`this generator makes no ${typeText}`);
  } else if (
    !("choice" in generator || "constant" in generator || "after" in generator) &&
    !isNumeric(type)
  ) {
    problems.push(`this generator makes numbers, the column is ${typeText}`);
  }
  const texts =
    "choice" in generator
      ? Object.keys(generator.choice)
      : "constant" in generator
        ? [String(generator.constant)]
        : [];
  if (isNumeric(type)) {
    for (const text of texts) {
      if (!/^-?\d+(\.\d+)?$/.test(text)) problems.push(`${text} is no ${typeText}`);
    }
  }
  return problems;
}

const totalWeight = (choice: Readonly<Record<string, number>>) => sum(Object.values(choice));

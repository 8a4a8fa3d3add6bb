import { beforeAll, describe, expect, test } from "vitest";
import { commandGroups } from "../../src/commands/index.js";
import type { ValidateResult } from "../../src/pipeline/validate/result.js";
import { expectExactAccount } from "../helpers/account.js";
import { catalogClient, readTable, tableIds } from "../helpers/iceberg.js";
import { emptyStack, type Outcome, pipectl, pipectlJson } from "../helpers/stack.js";
import { type StackState, stackState } from "../helpers/state.js";

const via = ["--via", "gateway"];
const streaming = ["--mode", "streaming_bronze"];
const sends = (seed: string) => ["generate", "--count", "300", "--malformed", "0.02", "--seed", seed];
const dates = ["--from", "2019-01-10", "--to", "2019-01-12"];
const looks: readonly string[][] = [
  ["validate"],
  ["validate", "--deep"],
  ["check-lag"],
  ["query", "SELECT COUNT(*) FROM bronze.raw_trips"],
  ["tables"],
  ["snapshots"],
  ["status"],
  ["jobs"],
  ["logs", "-n", "5"],
  ["doctor"],
  ["config"],
];

const looksElsewhere: readonly string[][] = [
  ["dlq"],
  ["dlq", "show", "3"],
  ["dlq", "export", "-"],
  ["dataset"],
  ["dataset", "list"],
  ["dataset", "show"],
  ["dataset", "check"],
  ["dataset", "diff"],
  ["dataset", "export", "dbt"],
];

/** Command lines in the order in which they are run, each twice, and what the second time changes as well. */
const twice: readonly (readonly [args: readonly string[], changes: readonly (keyof StackState)[]])[] = [
  [["up"], []],
  [["create-topics"], []],
  [sends("1"), ["offsets"]],
  [["generate-limited"], ["offsets"]],
  [["process-bronze", ...via], []],
  [["process-silver", ...via], []],
  [sends("2"), ["offsets"]],
  [["process", ...via], []],
  // The same rows, in a snapshot of their own.
  [
    ["process-silver", ...dates, ...via],
    ["tables", "records", "rendered"],
  ],
  [["build-sql"], []],
  ...[...looks, ...looksElsewhere].map((args) => [args, []] as const),
  [["process-marts", ...via], []],
  [["dataset", "apply"], []],
  [["dlq", "replay"], []],
  [["dlq", "accept", "--yes"], []],
  [["compact-bronze"], []],
  [["compact-silver"], []],
  // The account and silver's state are moved up to now, once.
  [["expire-snapshots"], []],
  [["rewrite-manifests"], []],
  [["vacuum"], []],
  [["maintain"], []],
  // Nothing is wrong.
  [["repair", "--yes"], []],
  // Silver is there the second time; what it lacks is made again.
  [["rollback", "silver", "--to", "PARENT", "--yes"], []],
  [["process-silver", ...via], []],
  [["process-streaming", ...streaming, ...via], []],
  // Another job, and its mark in the account.
  [
    ["restart-streaming", ...streaming, ...via],
    ["jobs", "rendered", "tables"],
  ],
  [["stop"], []],
  [["warm-up"], []],
  [["clean"], []],
];
const stops: typeof twice = [
  [["restart"], ["processes"]],
  [["down"], []],
];
/** Commands that do nothing but what those above do, one after the other. */
const composed = ["demo", "benchmark"];
/** What refuses to do again what it has done: test/cli/infer.test.ts. */
const once = ["dataset infer"];

const rowsOfSilver = async () =>
  (await readTable("silver.cleaned_trips", ["trip_id", "pickup_date", "total_amount"]))
    .map((row) => JSON.stringify(row))
    .sort();

test("every command is among those that are run twice", () => {
  const names = commandGroups.flatMap(({ commands }) =>
    commands.map(({ usage }) => usage.replace(/ [<[].*/, "")),
  );
  const nameOf = ([first = "", second = ""]: readonly string[]) =>
    names.includes(`${first} ${second}`) ? `${first} ${second}` : first;
  const run = [...twice, ...stops].map(([args]) => nameOf(args));
  expect(new Set([...run, ...composed, ...once])).toEqual(new Set(names));
});

let rows: string[] = [];
async function runTwice(words: readonly string[], changes: readonly (keyof StackState)[]): Promise<void> {
  const parent = (
    await catalogClient()
      .table(tableIds.silver)
      .catch(() => undefined)
  )?.current?.parentId;
  const args = words.map((word) => (word === "PARENT" ? String(parent) : word));
  const first = await pipectl(args);
  const before = await stackState();
  if (words.includes("PARENT")) expect(first.exitCode, first.stderr).toBe(0);
  const second = await pipectl(args);
  const after = await stackState();
  expect(second.exitCode, second.stderr).toBe(first.exitCode);
  const changed = Object.keys(before).filter((part) => {
    const [was, is] = [before, after].map((state) => JSON.stringify(state[part as keyof StackState]));
    return was !== is;
  });
  expect(changed.sort()).toEqual([...changes].sort());
  expect(after.locks).toEqual([]);
  if (args[0] === "process") rows = await rowsOfSilver();
  if (args.includes("--from")) expect(await rowsOfSilver()).toEqual(rows);
}

describe("every command twice in a row", () => {
  beforeAll(emptyStack);
  test.each(twice)("%j, and what changes: %j", runTwice);
});

/** What ends with 1 or 3 because of what it has found, and shows that. */
const reports = ["validate", "status", "doctor"];

/** Done, or one message that says why not; a loser of two at once says who is at work, or what is not there. */
function expectOrderly([command]: readonly string[], { exitCode, stdout, stderr }: Outcome): void {
  const all = `${command} ended with ${exitCode}\n${stdout}\n${stderr}`;
  expect([0, 1, 3], all).toContain(exitCode);
  expect(stderr, all).not.toMatch(/\n {4}at |this is a bug/);
  if (command === "logs" && exitCode === 0) return;
  const { error } = JSON.parse(stdout) as { error?: { code: string; message: string } };
  if (error === undefined) expect(exitCode === 0 || reports.includes(command as string), all).toBe(true);
  else expect({ exitCode: exitCode !== 0, ...error }, all).toMatchObject({ exitCode: true, code: /./ });
}

let seed = 10;
async function atOnce(...lines: readonly (readonly string[])[]): Promise<(string | undefined)[]> {
  const outcomes = await Promise.all(lines.map((args) => pipectl([...args, "--json", "--timeout", "120"])));
  outcomes.forEach((outcome, i) => {
    expectOrderly(lines[i] as string[], outcome);
  });
  return outcomes.map(({ exitCode, stdout }) =>
    exitCode === 0 ? undefined : JSON.parse(stdout).error?.code,
  );
}

async function expectExact(): Promise<void> {
  await pipectlJson(["up"]);
  await pipectlJson(["process", ...via]);
  const { status, counts } = await pipectlJson<ValidateResult>(["validate"]);
  expect({ status, ...counts }).toMatchObject({ status: "pass", notLanded: 0, unaccounted: 0 });
  const { locks, jobs, processes, tables } = await stackState();
  expect({ locks, jobs, processes: Object.keys(processes).length }).toEqual({
    locks: [],
    jobs: [],
    processes: 5,
  });
  for (const { refs } of tables as { refs: object }[]) expect(Object.keys(refs)).toEqual(["main"]);
  await expectExactAccount();
}

const run = ["process", ...via];

describe("any two commands at once", () => {
  test.each([
    ["runs of all kinds", [run, run, ["process-bronze", ...via], ["process-silver", ...dates, ...via]]],
    ["a run and what sends", [run, sends("4"), sends("5"), ["create-topics"], ["create-topics"]]],
    ["a run and what renders or removes", [run, ["build-sql"], ["build-sql"], ["clean"], ["clean"]]],
    ["a run and starts", [run, ["up"], ["up"], ["warm-up"], ["warm-up"]]],
    ["a run and all that looks", [run, ...looks]],
  ])("%s: whoever comes second is told, and nothing is lost or doubled", async (_name, lines) => {
    await pipectlJson(sends(String(++seed)));
    const codes = await atOnce(...lines);
    for (const code of codes) expect([undefined, "busy", "stack_running"]).toContain(code);
    await expectExact();
  });
});

describe("every command that stops the stack twice in a row", () => {
  test.each(stops)("%j, and what changes: %j", runTwice);
});

describe("any two commands at once, one of which stops or starts the stack", () => {
  beforeAll(async () => await pipectlJson(["up"]));

  test.each([
    [
      "restart, a run, what sends and what looks",
      [["restart"], run, sends("6"), ["create-topics"], ["build-sql"], ...looks],
    ],
    ["down, a run and a warm-up", [["down"], run, ["warm-up"]]],
    [
      "up twice, restart, down, a run and what sends, on a stack that is down",
      [["up"], ["up"], ["restart"], ["down"], run, sends("7")],
    ],
  ])("%s: nobody stumbles, and up and process make it right", async (_name, lines) => {
    await pipectl(sends(String(++seed)));
    await atOnce(...lines);
    if (lines.some(([command]) => command === "up") || lines[0]?.[0] !== "down") await expectExact();
  });
});

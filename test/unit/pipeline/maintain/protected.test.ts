import { describe, expect, it } from "vitest";
import type { StreamMark } from "../../../../src/lake/stream-mark.js";
import { silverProperty } from "../../../../src/ledger/silver-state.js";
import { protectedOf } from "../../../../src/pipeline/maintain/protected.js";
import { accountOf, icebergTable, snapshot, withAccount } from "../../../helpers/tables.js";
import { workspaceOf } from "../../../helpers/workspace.js";

const stream = (more: Partial<StreamMark> = {}): StreamMark => ({
  ...{ run: "r", jobs: ["j1"], topology: "t", ...more },
});
const at = "2026-01-31T12:00:00.000Z";

async function protections(
  mark: StreamMark | undefined,
  running: readonly string[] = [],
  refs?: { main: string },
) {
  const snapshots = [snapshot("1", null), snapshot("2", "1")];
  const properties = withAccount(accountOf(mark === undefined ? {} : { stream: mark }));
  const bronze = icebergTable(snapshots, { properties, ...(refs === undefined ? {} : { refs }) });
  const state = {
    version: 1,
    bronzeSnapshot: "1",
    silverSnapshot: "1",
    rules: "r",
    stream: stream({ jobs: ["s1"] }),
  };
  const silver = icebergTable(snapshots, { properties: { [silverProperty]: JSON.stringify(state) } });
  const jobs = running.map((id) => ({
    ...{
      id,
      name: `pipectl streaming ${id.startsWith("s") ? "silver" : "bronze"} taxi r`,
      state: "RUNNING" as const,
    },
    ...{ startTime: 0, durationMs: 0 },
  }));
  const workspace = workspaceOf({ flink: { jobs: async () => jobs } });
  const { expire, orphans } = await protectedOf(workspace, { bronze, dlq: bronze, silver });
  return { expire: Object.keys(expire), orphans: Object.keys(orphans) };
}

describe("what upkeep leaves alone", () => {
  it("nothing while the streams run, or after they were stopped with a savepoint", async () => {
    expect(await protections(stream(), ["j1", "s1"])).toEqual({ expire: [], orphans: [] });
    const stopped = stream({ stopped: { at, savepoint: "file:///s" } });
    expect(await protections(stopped, ["s1"])).toEqual({ expire: [], orphans: [] });
    expect(await protections(undefined, ["s1"])).toEqual({ expire: [], orphans: [] });
  });

  it("files that the last checkpoint of a dead or cancelled stream may name", async () => {
    expect((await protections(stream(), ["s1"])).orphans).toEqual(["bronze", "dlq"]);
    expect((await protections(stream({ stopped: { at, savepoint: null } }), ["s1"])).orphans).toEqual([
      "bronze",
      "dlq",
    ]);
    // Another job of that name is none of its own.
    expect((await protections(stream(), ["j9", "s1"])).orphans).toEqual(["bronze", "dlq"]);
    expect((await protections(stream(), ["j1"])).orphans).toEqual(["silver"]);
  });

  it("snapshots that tell silver's stream of rows which bronze has no longer", async () => {
    expect((await protections(stream(), ["j1", "s1"], { main: "1" })).expire).toEqual(["bronze"]);
  });
});

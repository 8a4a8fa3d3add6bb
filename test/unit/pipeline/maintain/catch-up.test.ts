import { describe, expect, it } from "vitest";
import { failed } from "../../../../src/core/errors.js";
import type { Snapshot, Table, TableChange, TableId } from "../../../../src/iceberg/catalog.js";
import type { StreamMark } from "../../../../src/lake/stream-mark.js";
import { type Account, accountProperty } from "../../../../src/ledger/account.js";
import { rulesOf, type SilverState, silverProperty } from "../../../../src/ledger/silver-state.js";
import { catchUp } from "../../../../src/pipeline/maintain/catch-up.js";
import { streamed } from "../../../helpers/following.js";
import { fakeGateway } from "../../../helpers/gateway.js";
import {
  accountOf,
  icebergTable,
  landedPartition,
  snapshot,
  topicOf,
  withAccount,
} from "../../../helpers/tables.js";
import { taxi, workspaceOf } from "../../../helpers/workspace.js";

const mark = (job: string, committed?: Record<string, number>): StreamMark => ({
  ...{ run: "r", jobs: [job], topology: "t" },
  ...(committed === undefined ? {} : { committed }),
});
const compaction = (id: string, parent: string) => snapshot(id, parent, { operation: "replace" });

/** Three commits of bronze's stream and two of silver's, none of which is on record but the first. */
const bronze = [
  streamed("b1", null, "b", 10, 10, 1),
  streamed("b2", "b1", "b", 5, 15, 2),
  streamed("b3", "b2", "b", 2, 17, 3),
];
const silver = [streamed("s1", null, "s", 9, 9, 1), streamed("s2", "s1", "s", 4, 13, 2)];
const account = accountOf({
  ...{ bronzeSnapshot: "b1", dlqSnapshot: null, partitions: [landedPartition(0, 10)], stream: mark("b") },
});
const state: SilverState = {
  ...{ version: 1, bronzeSnapshot: "b2", silverSnapshot: "s1", rules: rulesOf(taxi), stream: mark("s") },
};

interface Story {
  readonly bronze?: readonly Snapshot[];
  readonly silver?: readonly Snapshot[];
  readonly bronzeRefs?: Record<string, string>;
  readonly account?: Account;
  readonly state?: SilverState;
  /** The bronze snapshot up to which silver's stream has taken everything. */
  readonly reach?: string | undefined;
  /** What a count of the appended rows finds of partition 0: incarnation, partition, bronze, dead letters, offsets, removed, min, max, extra. */
  readonly counted?: readonly number[];
  /** Called before a commit. */
  readonly onCommit?: (attempt: number) => void;
}

async function story({ counted = [0, 0, 7, 0, 7, 0, 10, 16, 0], onCommit = () => {}, ...told }: Story) {
  const properties: Record<string, Record<string, string>> = {
    raw_trips: withAccount(told.account ?? account),
    cleaned_trips: { [silverProperty]: JSON.stringify(told.state ?? state) },
  };
  const tables = (): Record<string, Table> => ({
    raw_trips: icebergTable(told.bronze ?? bronze, {
      properties: properties.raw_trips ?? {},
      ...(told.bronzeRefs === undefined ? {} : { refs: told.bronzeRefs }),
    }),
    raw_trips_dlq: icebergTable([], { id: taxi.tables.dlq }),
    cleaned_trips: icebergTable(told.silver ?? silver, {
      id: taxi.tables.silver,
      properties: properties.cleaned_trips ?? {},
    }),
  });
  let commits = 0;
  const { runtime, queries } = await fakeGateway(() => [counted]);
  const workspace = workspaceOf({
    kafka: { topicOffsets: async () => topicOf([{ partition: 0, first: 0, end: 17 }]) },
    catalog: {
      table: async ({ table }: TableId) => tables()[table],
      commit: async ({ id, setProperties }: TableChange) => {
        onCommit(++commits);
        properties[id.table] = { ...properties[id.table], ...setProperties };
      },
    },
    runtime,
  });
  const done = catchUp(workspace, async () => told.reach);
  done.catch(() => {});
  const recorded = async () => {
    await done;
    return {
      account: JSON.parse(properties.raw_trips?.[accountProperty] ?? "null") as Account,
      state: JSON.parse(properties.cleaned_trips?.[silverProperty] ?? "null") as SilverState,
    };
  };
  return { done, recorded, queries, commits: () => commits };
}

describe("bringing the account up to now", () => {
  it("records what a count of the appended rows has proven, with the snapshots that were counted", async () => {
    const { recorded, queries } = await story({});
    expect((await recorded()).account).toEqual({
      ...account,
      ...{ bronzeSnapshot: "b3", partitions: [landedPartition(0, 17)] },
      stream: mark("b", { bronze: 3, dlq: 0 }),
    });
    expect(queries).toHaveLength(1);
  });

  it("counts nothing where only a compaction came", async () => {
    const { recorded, queries } = await story({ bronze: [...bronze.slice(0, 1), compaction("b9", "b1")] });
    expect((await recorded()).account).toMatchObject({
      bronzeSnapshot: "b9",
      partitions: account.partitions,
    });
    expect(queries).toEqual([]);
  });

  it("never forgets a checkpoint that was committed, though its snapshot is gone", async () => {
    const { recorded } = await story({ account: { ...account, stream: mark("b", { bronze: 8, dlq: 7 }) } });
    expect((await recorded()).account.stream?.committed).toEqual({ bronze: 8, dlq: 7 });
  });

  it("refuses a bronze that was rolled back behind rows that its stream has appended, and records nothing", async () => {
    for (const main of ["b1", "b2"]) {
      const { done, commits } = await story({ bronzeRefs: { main } });
      await expect(done).rejects.toMatchObject({
        code: "account_untrusted",
        message: expect.stringContaining("was rolled back behind rows that its stream has appended"),
      });
      expect(commits()).toBe(0);
    }
  });

  it("looks again when a stream commits in between", async () => {
    const { recorded, commits } = await story({
      onCommit: (attempt) => {
        if (attempt === 1) throw failed("commit_conflict", "main has changed");
      },
    });
    expect((await recorded()).account.bronzeSnapshot).toBe("b3");
    expect(commits()).toBe(3);
  });
});

describe("bringing silver's state up to now", () => {
  const stateAfter = async (told: Story) => (await (await story(told)).recorded()).state;

  it("moves up to the bronze snapshot that silver's stream has reached", async () => {
    expect(await stateAfter({ reach: "b3" })).toEqual({
      ...state,
      ...{ bronzeSnapshot: "b3", silverSnapshot: "s2", rows: 13, stream: mark("s", { silver: 2 }) },
    });
  });

  it.each([
    ["an earlier one", "b1"],
    ["one that bronze does not have in its history", "b7"],
    ["nobody knows which", undefined],
  ])(
    "never moves backwards: where the stream has reached %s, bronze's stays as it was",
    async (_what, reach) => {
      expect(await stateAfter({ reach })).toMatchObject({ bronzeSnapshot: "b2", silverSnapshot: "s2" });
    },
  );

  it("of silver that batch runs make follows compactions of bronze alone", async () => {
    const { stream: _, ...batch } = state;
    const made = { ...batch, silverSnapshot: "s1" };
    const one = { silver: silver.slice(0, 1), state: made };
    const compacted = [...bronze.slice(0, 2), compaction("b9", "b2")];
    const counted = [0, 0, 5, 0, 5, 0, 10, 14, 0];
    expect(await stateAfter({ ...one, bronze: compacted, counted })).toMatchObject({ bronzeSnapshot: "b9" });
    expect(await stateAfter({ ...one, reach: "b3" })).toMatchObject({ bronzeSnapshot: "b2" });
  });

  it("refuses a silver that another program wrote to while a stream keeps it", async () => {
    const { done } = await story({ silver: [...silver, snapshot("s3", "s2")] });
    await expect(done).rejects.toMatchObject({ code: "silver_untrusted" });
  });
});

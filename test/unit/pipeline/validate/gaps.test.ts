import { describe, expect, it } from "vitest";
import { accountOutcome } from "../../../../src/pipeline/validate/account-outcome.js";
import { land } from "../../../helpers/fakes/batch-jobs.js";
import { fakeHouse } from "../../../helpers/fakes/house.js";
import { temporaryProject } from "../../../helpers/folder.js";

// What a stream appends counts as an offset for each row, until somebody reads the rows.

const root = temporaryProject();
const record = (key: string) => ({ key, value: 1, date: "2026-01-05" });

/** A stream over ten records, and five offsets without one at the end. */
async function streamed() {
  const house = fakeHouse(root, { partitions: 1, flags: { MODE: "streaming_bronze" } });
  await house.stream();
  house.topic.send(0, ...Array.from({ length: 10 }, (_, i) => record(`a${i}`)));
  const [job] = [house.flink.running("pipectl streaming bronze")];
  house.flink.checkpoint(job);
  return { house, job };
}

describe("a stream over a topic whose offsets may hold no record", () => {
  it("passes when each record has landed once", async () => {
    const { house } = await streamed();
    house.topic.send(0, undefined, undefined);
    Object.assign(house.workspace.kafka, { mayHaveGaps: async () => true });
    const { verdict, counts } = await accountOutcome(house.workspace);
    expect(verdict).toMatchObject({ status: "pass" });
    expect(counts).toMatchObject({ bronze: 10, withoutRecord: 2, unaccounted: 0 });
  });

  it("fails when a row is doubled for each of them", async () => {
    const { house, job } = await streamed();
    const doubled = house.catalog.rows(house.dataset.tables.bronze).slice(0, 2);
    land(
      house.engine,
      "bronze",
      doubled.map((row) => ({ ...row })),
      {
        summary: { "flink.job-id": job },
      },
    );
    house.topic.send(0, undefined, undefined);
    // By the numbers alone all is well.
    expect((await accountOutcome(house.workspace)).verdict.status).toBe("pass");
    Object.assign(house.workspace.kafka, { mayHaveGaps: async () => true });
    expect((await accountOutcome(house.workspace)).verdict).toMatchObject({
      status: "fail",
      detail: expect.stringContaining("the stream has skipped offsets, or has ingested some twice"),
      hint: expect.stringContaining("pipectl repair"),
    });
    // A look that only waits reads no row.
    expect((await accountOutcome(house.workspace, false)).verdict.status).toBe("pass");
  });

  it("says that only --deep knows, where the rows cannot be counted", async () => {
    const { house } = await streamed();
    Object.assign(house.workspace.kafka, { mayHaveGaps: async () => true });
    Object.assign(house.workspace, {
      gatewaySession: async () => {
        throw new Error("no TaskManager");
      },
    });
    expect((await accountOutcome(house.workspace)).verdict).toEqual({
      status: "warn",
      detail: expect.stringMatching(
        /; offsets of the topic may hold no record, and the stream's rows could not be counted in time$/,
      ),
      hint: "pipectl validate --deep knows whether each record has landed once",
    });
  });
});

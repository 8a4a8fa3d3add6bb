import { describe, expect, it } from "vitest";
import type { OpenTransaction } from "../../../../src/kafka/open-transactions.js";
import { accountOutcome } from "../../../../src/pipeline/validate/account-outcome.js";
import { accountCheck } from "../../../../src/pipeline/validate/account-stage.js";
import { withOpenTransactions } from "../../../../src/pipeline/validate/open-transaction.js";
import { recountCheck } from "../../../../src/pipeline/validate/recount-stage.js";
import { fakeHouse } from "../../../helpers/fakes/house.js";
import { temporaryProject } from "../../../helpers/folder.js";
import { carryOut } from "../../../helpers/validate-context.js";

const root = temporaryProject();
const open = (ageMs: number, more: Partial<OpenTransaction> = {}): OpenTransaction => ({
  ...{ partition: 0, producerId: "4001", offset: 10, timestampMs: Date.now() - ageMs, waiting: 3_000 },
  ...more,
});
const pass = { status: "pass", detail: "10 produced = 10 bronze" } as const;

describe("a transaction that holds the topic back", () => {
  it("is named, and a warning once it is older than it may be", () => {
    const young = withOpenTransactions(pass, 10, [open(12_000)], 60_000);
    expect(young.status).toBe("pass");
    expect(young.detail).toMatch(
      /^10 produced = 10 bronze; an open transaction of producer 4001 holds partition 0 back at offset 10 since 12\.\d s: 3,000 offsets wait behind it$/,
    );
    const old = withOpenTransactions(
      pass,
      10,
      [open(12_000), open(90_000, { partition: 1, waiting: 1 })],
      60_000,
    );
    expect(old).toMatchObject({ status: "warn", hint: expect.stringContaining("transaction.timeout.ms") });
    expect(old.detail).toContain("partition 1 back at offset 10 since 1 min 30 s: 1 offset waits");
    expect(withOpenTransactions(pass, 10, [], 0)).toBe(pass);
  });

  it("leaves a worse verdict, and its hint, as they are", () => {
    const fail = { status: "fail", detail: "x", hint: "y" } as const;
    expect(withOpenTransactions(fail, 10, [open(90_000)], 60_000)).toMatchObject({
      status: "fail",
      hint: "y",
    });
  });

  it("at the very beginning: the topic is not empty, and nothing was counted", async () => {
    const { workspace } = fakeHouse(root, { partitions: 1 });
    Object.assign(workspace.kafka, { openTransactions: async () => [open(90_000, { offset: 0 })] });
    const stage = await carryOut(accountCheck, workspace);
    expect(stage).toMatchObject({
      status: "warn",
      detail: expect.stringMatching(/^no record can be read yet; an open/),
    });
    expect((await accountOutcome(workspace)).held).toBe(3_000);
  });

  it("deep, too: a recount of nothing is no pass", async () => {
    const house = fakeHouse(root, { partitions: 1 });
    house.topic.send(0, { key: "a", value: 1, date: "2026-01-05" });
    house.engine.beforeJob = () => "FAILED";
    await expect(house.bronze()).rejects.toThrow();
    Object.assign(house.workspace.kafka, { openTransactions: async () => [open(90_000, { offset: 1 })] });
    expect(await carryOut(recountCheck, house.workspace)).toMatchObject({
      status: "warn",
      detail: "nothing has landed that could be counted, while 3,001 offsets wait",
    });
  });
});

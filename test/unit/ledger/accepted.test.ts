import { expect, it } from "vitest";
import { sayAccepted } from "../../../src/ledger/accepted.js";
import { accountOf, topicId } from "../../helpers/tables.js";
import { workspaceOf } from "../../helpers/workspace.js";

const range = (partition: number, lost: number) => ({
  ...{ partition, start: 10, end: 20, skipped: 4, present: 3 },
  lost,
});
const said = (account: ReturnType<typeof accountOf> | undefined, incarnation: number, ...lost: number[]) => {
  const workspace = workspaceOf({});
  sayAccepted(workspace, account, { topicId, incarnation, ranges: lost.map((n, i) => range(i, n)) });
  return workspace.events;
};
const loss = (text: string) => ({
  type: "warning",
  text: `accepted as lost: ${text} records that Kafka removed`,
});

it.each([
  ["nothing is said where nothing is lost", [accountOf(), 0, 0, 0], []],
  ["the losses of all partitions are one number", [accountOf(), 0, 1_500, 0, 2], [loss("1,502")]],
  [
    "a topic that was made again is said, too",
    [accountOf({ incarnation: 1 }), 2, 1],
    [loss("1"), { type: "warning", text: "incarnation 2 of taxi.raw_trips begins" }],
  ],
  ["the first run of a topic begins no new one", [undefined, 0], []],
] as [string, Parameters<typeof said>, unknown[]][])("%s", (_what, args, events) => {
  expect(said(...args)).toEqual(events);
});

import { expect, it } from "vitest";
import { endLeftovers } from "../../../src/execution/leftovers.js";
import type { JobState } from "../../../src/flink/rest.js";
import { workspaceOf } from "../../helpers/workspace.js";

const job = (id: string, name: string, state: JobState = "RUNNING") => ({
  id,
  name,
  state,
  startTime: 1,
  durationMs: 1,
});

it("cancels the jobs of killed runs, and no other", async () => {
  const cancelled: string[] = [];
  const workspace = workspaceOf({
    flink: {
      jobs: async () => [
        job("1", "pipectl bronze taxi 20260101T000000-aaaa"),
        job("2", "pipectl silver taxi 20260101T000000-aaaa", "CREATED"),
        job("3", "pipectl delete dates taxi 01020304"),
        job("4", "pipectl bronze taxi 20260101T000000-bbbb", "FINISHED"),
        job("5", "pipectl bronze taxi2 20260101T000000-aaaa"),
        job("6", "pipectl streaming bronze taxi"),
        job("7", "pipectl query"),
        job("8", "somebody else's"),
        job("9", "pipectl streaming silver taxi 20260101T000000-aaaa"),
        job("10", "pipectl silver keys taxi 20260101T000000-aaaa"),
      ],
      cancel: async (id: string) => void cancelled.push(id),
      jobState: async () => "CANCELED",
    },
  });
  await endLeftovers(workspace);
  expect(cancelled).toEqual(["1", "2", "3", "10"]);
  expect(workspace.events.map((event) => event.type)).toEqual(Array(4).fill("warning"));
});

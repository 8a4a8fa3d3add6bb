import { describe, expect, it } from "vitest";
import { unavailable } from "../../../../src/core/errors.js";
import { type LagLook, watchLag } from "../../../../src/pipeline/lag/watch-lag.js";
import { topicOf } from "../../../helpers/tables.js";
import { workspaceOf } from "../../../helpers/workspace.js";

describe("watchLag", () => {
  it("tells how the lag changes, and goes on when Kafka was away for a moment", async () => {
    const stop = new AbortController();
    const ends = [100, 200, undefined, 50];
    const looks: LagLook[] = [];
    const workspace = workspaceOf({
      signal: stop.signal,
      kafka: {
        topicOffsets: async () => {
          const end = ends.shift();
          if (end === undefined) throw unavailable("kafka_unreachable", "Kafka does not answer");
          return topicOf([{ partition: 0, first: 0, end }]);
        },
        committedOffsets: async () => new Map(),
        firstRecord: async (_topic, { start }) => ({ offset: start, timestampMs: Date.now() }),
      },
      catalog: { table: async () => undefined },
    });
    await watchLag(workspace, 20, (look) => {
      looks.push(look);
      if (looks.length === 4) stop.abort();
    });
    expect(looks.map(({ lag }) => lag?.totalUnlanded)).toEqual([100, 200, undefined, 50]);
    expect(looks[2]?.error?.code).toBe("kafka_unreachable");
    // A hundred more in 20 ms and what the look took: some thousands a second.
    expect(looks[1]?.trend).toBeGreaterThan(500);
    expect(looks.map(({ trend }) => trend === null)).toEqual([true, false, true, true]);
  });
});

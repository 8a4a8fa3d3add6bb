import { describe, expect, it, vi } from "vitest";
import type { Settled } from "../../../../src/pipeline/validate/settled.js";
import { compareSilver } from "../../../../src/pipeline/validate/silver-keys.js";
import { silverCheck } from "../../../../src/pipeline/validate/silver-stage.js";
import { sessionsOf } from "../../../../src/workspace/workspace.js";
import { following, landedAt, streamed } from "../../../helpers/following.js";
import { fakeGateway } from "../../../helpers/gateway.js";
import { carryOut } from "../../../helpers/validate-context.js";

/**
 * Continuous silver with 9 rows.
 *
 * @param missing keys that silver lacks, by the bronze snapshot that is compared with
 */
async function look(missing: Record<string, number>, settled?: Settled) {
  const { world, workspace } = following();
  world.bronze = [...world.bronze, { ...streamed("b3", "b2", "b", 1, 16), timestampMs: Date.now() }];
  const { runtime, queries } = await fakeGateway((query) => {
    const compared = /'snapshot-id' = '(b\d)'/.exec(query)?.[1];
    return compared === undefined ? [[9, 9, 9, 9, 0]] : [[12, missing[compared] ?? 0, 0, 0, 0]];
  });
  const found = await carryOut(silverCheck, { ...workspace, gatewaySession: sessionsOf(runtime) }, settled);
  return { ...found, queries };
}
/**
 * The comparison with bronze alone.
 *
 * @param reach how far silver's stream says that it is
 * @param onQuery called before each query is answered
 */
async function compared(missing: Record<string, number>, reach: string | undefined, onQuery = () => {}) {
  const { world, workspace } = following();
  world.bronze = [...world.bronze, { ...streamed("b3", "b2", "b", 1, 16), timestampMs: Date.now() }];
  const { runtime } = await fakeGateway((query) => {
    onQuery();
    return [[12, missing[/'snapshot-id' = '(b\d)'/.exec(query)?.[1] ?? ""] ?? 0, 0, 0, 0]];
  });
  const own = { ...workspace, gatewaySession: sessionsOf(runtime) };
  return await compareSilver(own, undefined, async () => reach);
}
const has = (snapshot: string): Settled => ({ seconds: 60, silver: { has: snapshot } });

describe("silver that a stream keeps", () => {
  it("passes with what it has not taken yet of what came just now", async () => {
    expect(await look({ b3: 2, b2: 0 })).toMatchObject({
      status: "pass",
      detail:
        "9 rows, keys unique, filters hold; 12 keys of bronze, each with its row; 2 are not in silver yet",
      quality: [],
    });
  });

  it("fails with what it has had the time to take, where its stream says that it has taken it", async () => {
    expect(landedAt).toBeLessThan(Date.now() - 60_000);
    expect(await compared({ b3: 3, b2: 1 }, "b2")).toMatchObject({
      status: "fail",
      detail: expect.stringContaining("1 key of bronze missing"),
    });
  });

  it("warns where its stream has not read so far, or does not say how far it is", async () => {
    for (const reach of ["b1", undefined]) {
      expect(await compared({ b3: 3, b2: 1, b1: 0 }, reach)).toEqual({
        status: "warn",
        detail:
          "12 keys of bronze, each with its row; 3 are not in silver yet; " +
          "silver lacked 1 key that came long before: its stream is behind",
        hint: "pipectl validate --deep --settle 5min",
      });
    }
  });

  it("is not asked for what came while it was compared, however long that took", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      // The comparison takes as long as silver's stream would need for what came just now.
      const slowly = () => vi.setSystemTime(Date.now() + 60_000);
      expect(await compared({ b3: 2, b2: 0 }, "b3", slowly)).toMatchObject({
        status: "pass",
        detail: expect.stringContaining("2 are not in silver yet"),
      });
    } finally {
      vi.useRealTimers();
    }
  });

  it("compares nothing, and fails, where silver has rows and no record", async () => {
    const { world, workspace } = following();
    world.unrecorded = true;
    const { runtime } = await fakeGateway(() => [[9, 9, 9, 9, 0]]);
    expect(await carryOut(silverCheck, { ...workspace, gatewaySession: sessionsOf(runtime) })).toMatchObject({
      status: "fail",
      detail: "silver.cleaned_trips has 9 rows and no record (pipectl.silver) of what they were made from",
    });
  });

  it("fails with what its stream said that it had taken, however short a time ago", async () => {
    expect(await look({ b3: 1 })).toMatchObject({ status: "pass" });
    expect(await look({ b3: 1 }, has("b3"))).toMatchObject({
      status: "fail",
      detail: expect.stringContaining("1 key of bronze missing"),
    });
    expect(await look({ b3: 1 }, { seconds: 60, silver: { lacks: "x" } })).toMatchObject({ status: "pass" });
  });
});

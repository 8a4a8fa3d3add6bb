import { describe, expect, it } from "vitest";
import type { Settled } from "../../../../src/pipeline/validate/settled.js";
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

  it("fails with what it has had the time to take", async () => {
    expect(landedAt).toBeLessThan(Date.now() - 60_000);
    expect(await look({ b3: 3, b2: 1 })).toMatchObject({
      status: "fail",
      detail: expect.stringContaining("1 key of bronze missing"),
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

import { describe, expect, it } from "vitest";
import { unavailable } from "../../../../src/core/errors.js";
import { accountCheck } from "../../../../src/pipeline/validate/account-stage.js";
import { settle } from "../../../../src/pipeline/validate/settle.js";
import { following } from "../../../helpers/following.js";
import { carryOut } from "../../../helpers/validate-context.js";

/** Long enough for a wait that is over at once; short for one that must end by its limit. */
const [ample, short] = [20_000, 300];

describe("validate --settle", () => {
  it("passes when every record has landed and silver has all of it, and says so", async () => {
    const { workspace, world, readPosition } = following();
    world.state = { ...world.state, bronzeSnapshot: "b2" };
    const settled = await settle(workspace, ample, readPosition);
    expect(settled).toEqual({ seconds: 20, silver: { has: "b2" } });
    const stage = await carryOut(accountCheck, workspace, settled);
    expect(stage).toMatchObject({
      status: "pass",
      detail: expect.stringMatching(/; silver has all of bronze$/),
    });
  });

  it("fails with what silver lacks when the time is up, though every record has landed", async () => {
    const { workspace, readPosition, completed } = following();
    completed(4, { snapshot: "b1", splits: 0 });
    const settled = await settle(workspace, short, readPosition);
    expect(await carryOut(accountCheck, workspace, settled)).toEqual({
      status: "fail",
      detail: expect.stringMatching(
        /^15 produced = 15 bronze .*; silver lacks rows of bronze: at checkpoint 4 its stream still had 5 rows to look at, after 0\.3 s of waiting$/,
      ),
      hint: "pipectl jobs; pipectl logs taskmanager",
    });
  });

  it("fails for a silver that has rows, and nothing that says what they were made from", async () => {
    const { workspace, world, readPosition } = following();
    world.unrecorded = true;
    const settled = await settle(workspace, ample, readPosition);
    const said =
      /; silver\.cleaned_trips has 9 rows and no record \(pipectl\.silver\) of what they were made from$/;
    for (const waited of [settled, undefined])
      expect(await carryOut(accountCheck, workspace, waited)).toMatchObject({
        status: "fail",
        detail: expect.stringMatching(said),
        hint: expect.stringContaining("pipectl process-silver"),
      });
  });

  it("fails with what has not landed", async () => {
    const { workspace, world, readPosition } = following();
    world.end = 20;
    const settled = await settle(workspace, short, readPosition);
    expect(await carryOut(accountCheck, workspace, settled)).toMatchObject({
      status: "fail",
      detail: expect.stringMatching(/5 not yet landed.*, after 0\.3 s of waiting$/),
    });
  });

  it("passes no silver that nobody had the time to look at", async () => {
    const { workspace, world, readPosition, completed } = following();
    world.end = 20;
    completed(4, { snapshot: "b2", splits: 0 });
    const settled = await settle(workspace, short, readPosition);
    // The last records land just then.
    world.end = 15;
    const { status } = await carryOut(accountCheck, workspace, settled);
    // By whether the one look that is always made came to an end.
    expect(["fail", "unknown"]).toContain(status);
  });

  it("waits for nothing where batch runs make silver, which is behind", async () => {
    const { workspace, world, readPosition } = following();
    const { stream: _, ...batch } = world.state;
    world.state = batch as typeof world.state;
    const settled = await settle(workspace, ample, readPosition);
    expect(settled).toEqual({ seconds: 20 });
    expect(await carryOut(accountCheck, workspace, settled)).toMatchObject({
      status: "pass",
      detail: expect.stringContaining("; silver is behind bronze"),
    });
  });

  it("fails where silver's stream was only stopped for a while, and has not come back", async () => {
    const { workspace, world, readPosition } = following();
    const stopped = { at: "x", savepoint: "sp", resumes: true };
    world.state = { ...world.state, stream: { ...world.state.stream, stopped } };
    const settled = await settle(workspace, short, readPosition);
    expect(await carryOut(accountCheck, workspace, settled)).toMatchObject({
      status: "fail",
      detail: expect.stringMatching(/; silver's stream is about to start, after 0\.3 s of waiting$/),
    });
  });

  it("does not wait for silver that no wait mends, and fails with the reason, once", async () => {
    const reasons = {
      damaged: [{ ...following().world.state, rules: 1 }, /the state of .* is damaged/g],
      newer: [{ ...following().world.state, version: 99 }, /made by a newer pipectl/g],
      "by other rules": [
        { ...following().world.state, rules: "others" },
        /silver is not as its stream left it/g,
      ],
    } as const;
    for (const [what, [state, reason]] of Object.entries(reasons)) {
      const { workspace, world, readPosition } = following();
      world.state = state as unknown as typeof world.state;
      const settled = await settle(workspace, ample, readPosition);
      expect(workspace.events.filter(({ type }) => type === "wait")).toEqual([]);
      const { status, detail } = await carryOut(accountCheck, workspace, settled);
      expect([what, status, detail.match(reason)?.length]).toEqual([what, "fail", 1]);
      expect(detail).not.toContain("of waiting");
    }
  });

  it("does not wait for records to land where the account is damaged, or of a newer version", async () => {
    for (const [account, reason] of [
      ["{half", "the account of bronze.raw_trips is damaged"],
      ['{"version":99}', "the account of bronze.raw_trips was made by a newer pipectl"],
    ] as const) {
      const { workspace, world, readPosition } = following();
      world.account = account;
      const settled = await settle(workspace, ample, readPosition);
      expect(workspace.events.filter(({ type }) => type === "wait")).toEqual([]);
      expect(await carryOut(accountCheck, workspace, settled)).toMatchObject({
        status: "fail",
        detail: expect.stringContaining(reason),
      });
    }
  });

  it("shows what is missing while it waits", async () => {
    const { workspace, world, readPosition } = following();
    await settle(workspace, short, readPosition);
    world.end = 20;
    await settle(workspace, short, readPosition);
    const waits = workspace.events.map((event) =>
      event.type === "wait" ? `${event.text}: ${event.reason}` : "",
    );
    expect(waits).toContain(
      "silver to have all of bronze: silver's stream has completed no checkpoint since bronze's last commit: job s is RUNNING",
    );
    expect(waits).toContain("every record to land: 5 have not landed");
  });

  it("ends at once with Ctrl-C, in either wait", async () => {
    for (const end of [15, 20]) {
      const { workspace, world, readPosition, stop } = following();
      world.end = end;
      const reason = new Error("interrupted");
      world.onLook = () => void setImmediate(() => stop.abort(reason));
      await expect(settle(workspace, 600_000, readPosition)).rejects.toBe(reason);
    }
  });

  it("waits for a service that is away, and hides no bug", async () => {
    const { workspace, world, readPosition } = following();
    let looks = 0;
    world.onLook = () => {
      if (++looks <= 3) throw unavailable("http_unreachable", "the catalog does not answer");
    };
    world.state = { ...world.state, bronzeSnapshot: "b2" };
    expect(await settle(workspace, ample, readPosition)).toMatchObject({ silver: { has: "b2" } });
    world.onLook = () => {
      throw new TypeError("x is not a function");
    };
    await expect(settle(workspace, ample, readPosition)).rejects.toThrow(TypeError);
  });

  it("is unknown, and no failure of silver, where its stream's checkpoint cannot be read", async () => {
    const { workspace, readPosition, completed } = following();
    completed(4);
    const settled = await settle(workspace, short, readPosition);
    expect(await carryOut(accountCheck, workspace, settled)).toMatchObject({
      status: "unknown",
      detail: expect.stringMatching(/checkpoint 4 of silver's stream (cannot be read|has not ended)/),
    });
  });

  it("ends a job that reads a checkpoint when the time is up", async () => {
    const { workspace, completed } = following();
    completed(4);
    const never = async ({ signal }: typeof workspace) =>
      await new Promise<never>((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason), { once: true }),
      );
    expect(await settle(workspace, short, never as never)).toEqual({
      seconds: 0.3,
      silver: { lacks: "the job that reads checkpoint 4 of silver's stream has not ended", unseen: true },
    });
  });
});

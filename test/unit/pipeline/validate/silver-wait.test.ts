import { describe, expect, it } from "vitest";
import { silverWait } from "../../../../src/pipeline/validate/silver-wait.js";
import { following, landedAt, streamed } from "../../../helpers/following.js";
import { snapshot } from "../../../helpers/tables.js";

/** A story, and a look that returns what was found, or the reason why not yet. */
function story(mode?: "batch" | "streaming_bronze") {
  const told = following(mode);
  const wait = silverWait(told.workspace, told.readPosition);
  let reason = "";
  const look = async () =>
    (await wait((text) => {
      reason = text;
    })) ?? reason;
  return { ...told, look };
}
const all = { snapshot: "b2", splits: 0 };

describe("waiting for continuous silver", () => {
  it("reads no checkpoint that was completed before bronze's last commit", async () => {
    const { look, world, completed } = story();
    const none = "silver's stream has completed no checkpoint since bronze's last commit: job s is RUNNING";
    expect(await look()).toBe(none);
    completed(4, all, landedAt - 1);
    expect(await look()).toBe(none);
    expect(world.read).toEqual([]);
  });

  it("has all of bronze when a checkpoint that has read it is committed: by its rows, or by the next one", async () => {
    for (const commit of ["rows", "next"]) {
      const { look, world, completed } = story();
      completed(4, all);
      expect(await look()).toBe(
        "silver's stream has read all of bronze, and not yet committed its checkpoint 4",
      );
      if (commit === "rows") world.silver = [...world.silver, streamed("s2", "s1", "s", 5, 14, 4)];
      else completed(5);
      expect(await look()).toEqual({ has: "b2" });
      expect(world.read).toEqual(["chk-4"]);
    }
  });

  it("says what is missing, and reads each checkpoint once", async () => {
    const { look, world, completed } = story();
    completed(4, { snapshot: "b1", splits: 0 });
    const lacks = "silver lacks rows of bronze: at checkpoint 4 its stream still had 5 rows to look at";
    expect(await look()).toBe(lacks);
    expect(await look()).toBe(lacks);
    completed(5, { snapshot: "b2", splits: 2 });
    expect(await look()).toBe(
      "silver lacks rows of bronze: at checkpoint 5 its stream still had 2 parts of files to read",
    );
    expect(world.read).toEqual(["chk-4", "chk-5"]);
    completed(6, all);
    await look();
    completed(7);
    expect(await look()).toEqual({ has: "b2" });
  });

  it("waits for what bronze had at the first look, not for what comes later", async () => {
    const { look, world, completed } = story();
    await look();
    world.bronze = [...world.bronze, streamed("b3", "b2", "b", 1, 16)];
    completed(4, all);
    await look();
    completed(5);
    expect(await look()).toEqual({ has: "b2" });
  });

  it("takes a compaction of bronze for no new rows", async () => {
    const { look, world, completed } = story();
    const replaced = snapshot("b3", "b2", { operation: "replace", timestampMs: landedAt + 60_000 });
    world.bronze = [...world.bronze, replaced];
    completed(4, all);
    await look();
    completed(5);
    expect(await look()).toEqual({ has: "b2" });
  });

  it("needs no job where silver's own record says it", async () => {
    const { look, world } = story();
    world.state = { ...world.state, bronzeSnapshot: "b2" };
    expect(await look()).toEqual({ has: "b2" });
    expect(world.read).toEqual([]);
  });

  it("takes nothing that a job before has read for the next one's", async () => {
    const { look, world, completed } = story();
    completed(9, all);
    await look();
    world.state = { ...world.state, stream: { ...world.state.stream, jobs: ["s", "s9"] } };
    completed(2, { snapshot: "b1", splits: 0 });
    expect(await look()).toContain("at checkpoint 2 its stream still had 5 rows to look at");
  });

  it("does not call silver complete that somebody else wrote to, or whose checkpoint cannot be read", async () => {
    const { look, world, completed } = story();
    completed(4);
    expect(await look()).toBe("checkpoint 4 of silver's stream cannot be read: no such checkpoint");
    world.silver = [...world.silver, snapshot("s2", "s1")];
    completed(5, all);
    await expect(look()).rejects.toMatchObject({
      code: "silver_untrusted",
      message: expect.stringContaining("silver is not as its stream left it"),
      hint: expect.stringContaining("pipectl process-silver"),
    });
  });

  it("waits for no run that nobody has begun: silver of batch runs, a stream that was stopped", async () => {
    const { look, world } = story();
    world.state = {
      ...world.state,
      stream: { ...world.state.stream, stopped: { at: "x", savepoint: null } },
    };
    expect(await look()).toEqual({ none: true });
    const { stream: _, ...batch } = world.state;
    world.state = batch as typeof world.state;
    expect(await look()).toEqual({ none: true });
  });

  it("waits for a stream that a command is about to start, whatever silver is like meanwhile", async () => {
    const { look, world } = story();
    const { stream, ...made } = world.state;
    const resumes = { ...stream, stopped: { at: "x", savepoint: "sp", resumes: true } };
    const stopped = { ...stream, stopped: { at: "x", savepoint: "sp" } };
    for (const state of [
      { ...made, stream: resumes },
      { ...made, paused: true },
      { ...made, stream: stopped, paused: true },
      { ...made, paused: true, rules: "others" },
    ]) {
      world.state = state as typeof world.state;
      expect(await look()).toBe("silver's stream is about to start");
    }
    world.state = { ...made, paused: true, bronzeSnapshot: "b2" } as typeof world.state;
    expect(await look()).toEqual({ has: "b2" });
  });

  it("in batch mode waits for no stream that was to start: the next batch run makes silver", async () => {
    const { look, world } = story("batch");
    world.state = { ...world.state, paused: true };
    world.running = false;
    expect(await look()).toEqual({ none: true });
  });

  it("beside batch runs waits for a stream that is at work, and for no dead one", async () => {
    const { look, world } = story("batch");
    expect(await look()).toContain("no checkpoint since bronze's last commit");
    world.running = false;
    expect(await look()).toEqual({ none: true });
  });
});

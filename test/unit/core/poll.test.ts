import { describe, expect, it } from "vitest";
import { poll, settledWithin } from "../../../src/core/poll.js";
import type { ProgressEvent } from "../../../src/core/report.js";
import { problemOf } from "../../helpers/problem.js";

const never = new AbortController().signal;

describe("poll", () => {
  it("returns the first thing found, and looks no more", async () => {
    let looks = 0;
    const look = async () => (++looks === 3 ? { found: true } : undefined);
    const found = await poll(look, { what: "it", timeoutMs: 5_000, signal: never, intervalMs: 1 });
    expect(found).toEqual({ found: true });
    expect(looks).toBe(3);
  });

  it.each([0, false, "", null])("takes %j for found", async (value) => {
    expect(await poll(async () => value, { what: "it", timeoutMs: 0, signal: never })).toBe(value);
  });

  it("looks at least once, and gives up with the last reason", async () => {
    let looks = 0;
    const error = await problemOf(
      async () =>
        await poll(
          async (why) => {
            why(`look ${++looks}`);
            return undefined;
          },
          { what: "Kafka on 127.0.0.1:9092", timeoutMs: 0, signal: never, hint: "pipectl logs kafka" },
        ),
    );
    expect(looks).toBe(1);
    expect(error).toMatchObject({
      kind: "unavailable",
      code: "timeout",
      exitCode: 3,
      hint: "pipectl logs kafka",
    });
    expect(error.message).toBe("gave up waiting for Kafka on 127.0.0.1:9092 after 0 s: look 1");
  });

  it("does not wait longer than its time, whatever the interval", async () => {
    const start = performance.now();
    const wait = poll(async () => undefined, {
      what: "it",
      timeoutMs: 30,
      signal: never,
      intervalMs: 60_000,
    });
    expect((await problemOf(() => wait)).code).toBe("timeout");
    expect(performance.now() - start).toBeLessThan(5_000);
  });

  it("passes on at once what look throws", async () => {
    let looks = 0;
    const look = async () => {
      looks++;
      throw new Error("died");
    };
    await expect(poll(look, { what: "it", timeoutMs: 5_000, signal: never })).rejects.toThrow("died");
    expect(looks).toBe(1);
  });

  it("does not look when it is aborted before", async () => {
    const reason = new Error("interrupted");
    let looks = 0;
    const wait = poll(async () => ++looks, {
      what: "it",
      timeoutMs: 5_000,
      signal: AbortSignal.abort(reason),
    });
    await expect(wait).rejects.toBe(reason);
    expect(looks).toBe(0);
  });

  it("ends in the middle of a pause when it is aborted", async () => {
    const stop = new AbortController();
    const look = async () => {
      setImmediate(() => stop.abort(new Error("interrupted")));
      return undefined;
    };
    const wait = poll(look, { what: "it", timeoutMs: 60_000, signal: stop.signal, intervalMs: 60_000 });
    await expect(wait).rejects.toMatchObject({ name: "AbortError" });
  });

  it("reports how long it waits, of how long at the most", async () => {
    const events: ProgressEvent[] = [];
    let looks = 0;
    await poll(async () => (++looks > 2 ? true : undefined), {
      what: "Flink",
      timeoutMs: 4_000,
      signal: never,
      intervalMs: 1,
      report: (event) => void events.push(event),
    });
    expect(events).toHaveLength(2);
    expect(events[0]).toMatchObject({ type: "wait", text: "Flink", timeoutMs: 4_000 });
    expect(events[0]).not.toHaveProperty("reason");
  });

  it("reports what is missing", async () => {
    const events: ProgressEvent[] = [];
    let looks = 0;
    await poll(
      async (why) => {
        why(`look ${++looks}`);
        return looks > 1 ? true : undefined;
      },
      {
        ...{ what: "Flink", timeoutMs: 4_000, signal: never, intervalMs: 1 },
        report: (event) => void events.push(event),
      },
    );
    expect(events).toMatchObject([{ type: "wait", reason: "look 1" }]);
  });
});

describe("settledWithin", () => {
  it.each([
    ["well", () => Promise.resolve()],
    ["badly", () => Promise.reject(new Error("no"))],
  ])("returns as soon as the work has ended %s, and throws nothing", async (_how, work) => {
    const start = performance.now();
    await settledWithin(work(), 60_000);
    expect(performance.now() - start).toBeLessThan(5_000);
  });

  it("gives up work that never ends", async () => {
    await settledWithin(new Promise(() => {}), 20);
  });
});

import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { lastWords, unlessDead, untilReady } from "../../../src/runtime/startup.js";
import { problemOf } from "../../helpers/problem.js";
import { fakeServer } from "../../helpers/server.js";

const { signal } = new AbortController();

it("of a log are its last eight lines, without the stack, indented and not for ever", () => {
  const log = [
    ...Array.from({ length: 20 }, (_, i) => `line ${i}`),
    "java.io.IOException: disk full",
    "\tat io.pipectl.Main.main(Main.java:1)",
    "Caused by: x",
    "\t... 12 more",
    "",
    "y".repeat(1_000),
  ];
  expect(lastWords(log.join("\n")).split("\n")).toEqual([
    ...[15, 16, 17, 18, 19].map((i) => `  line ${i}`),
    "  java.io.IOException: disk full",
    "  Caused by: x",
    `  ${"y".repeat(300)}`,
  ]);
});

describe("unlessDead", () => {
  const never = () => new Promise<never>(() => {});

  it("does the work, whose error is its own", async () => {
    let worked = false;
    const work = async () => {
      worked = true;
    };
    await unlessDead(work, never, signal);
    expect(worked).toBe(true);
    const error = new Error("no port");
    await expect(unlessDead(() => Promise.reject(error), never, signal)).rejects.toBe(error);
  });

  it("ends at once with the error of what has died, and only when the work has been called off", async () => {
    const died = new Error("kafka ended while starting");
    let ended = false;
    const work = async (both: AbortSignal) => {
      await once(both, "abort");
      await setImmediate();
      ended = true;
    };
    await expect(unlessDead(work, () => Promise.reject(died), signal)).rejects.toBe(died);
    expect(ended).toBe(true);
  });
});

describe("untilReady", () => {
  it("waits for each, and tells which do not answer yet", async () => {
    let answers = 0;
    const flink = await fakeServer(() => (++answers < 3 ? { status: 503, body: "starting" } : { body: {} }));
    const catalog = await fakeServer(() => ({ body: {} }));
    const told: string[] = [];
    await untilReady(
      [
        { name: "jobmanager", service: "jobmanager" },
        { name: "catalog", service: "catalog" },
      ],
      { kafka: "", flink: flink.url, catalog: catalog.url, warehouse: "" },
      10_000,
      () => "",
      (event) => void (event.type === "wait" && told.push(event.text)),
      signal,
    );
    expect(told.at(-1)).toBe("jobmanager");
  });

  it("names the one that does not answer in time, why, and the next command", async () => {
    const { url } = await fakeServer(() => ({ status: 503, body: "starting" }));
    const error = await problemOf(() =>
      untilReady(
        [{ name: "pipectl's SQL gateway", service: "gateway" }],
        { kafka: "", flink: "", gateway: url, catalog: "", warehouse: "" },
        50,
        (name) => `pipectl logs ${name}`,
        () => {},
        signal,
      ),
    );
    expect(error).toMatchObject({ code: "timeout", exitCode: 3, hint: "pipectl logs pipectl's SQL gateway" });
    expect(error.message).toContain(`waiting for pipectl's SQL gateway`);
    expect(error.message).toContain("HTTP 503");
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { terminal } from "../../../src/ui/terminal.js";

const options = { interactive: false, color: false, quiet: false };

function screen(more: Partial<typeof options> = {}) {
  const written: string[] = [];
  return { ...terminal({ ...options, ...more, write: (text) => void written.push(text) }), written };
}
const wait = (elapsedMs: number) => ({ type: "wait", text: "Kafka", elapsedMs, timeoutMs: 120_000 }) as const;
const progress = (done: number, total?: number, rate?: number) =>
  ({ type: "progress", text: "to t", done, total, rate, unit: "records" }) as const;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("without a terminal", () => {
  it("prints steps, notes and warnings, a line each, without any control character", () => {
    const { report, clear, written } = screen();
    report({ type: "step", text: "Starting kafka" });
    report({ type: "note", text: "job 0a" });
    report({ type: "warning", text: "slow disk" });
    clear();
    expect(written).toEqual(["› Starting kafka\n", "  job 0a\n", "warning: slow disk\n"]);
  });

  it("prints progress once in a while, not each time", () => {
    const { report, written } = screen();
    for (let second = 0; second < 25; second++) {
      report(progress(second * 100, 10_000, 100));
      vi.advanceTimersByTime(1_000);
    }
    expect(written).toHaveLength(2);
    for (const control of ["\r", "\u001b"]) expect(written.join("")).not.toContain(control);
    expect(written[0]).toMatch(/^ {2}to t .*1,100 of 10,000 records {2}100\/s {2}89\.0 s left\n$/);
  });
});

describe("on a terminal", () => {
  it("writes over one line, and removes it before the next that stays", () => {
    const { report, written } = screen({ interactive: true });
    vi.advanceTimersByTime(1_000);
    report(wait(2_000));
    vi.advanceTimersByTime(1_000);
    report(progress(5));
    report({ type: "step", text: "next" });
    expect(written).toEqual([
      "\r\u001b[2K  waiting for Kafka (2.0 s, at most 2 min 0 s)",
      "\r\u001b[2K  to t  5 records",
      "\r\u001b[2K",
      "› next\n",
    ]);
  });

  it("says behind a wait what is missing, in one line that is not too long", () => {
    const { report, written } = screen({ interactive: true });
    vi.advanceTimersByTime(1_000);
    report({ ...wait(2_000), reason: `no broker answers: ${"x".repeat(200)}\n  at line two` });
    expect(written.join("")).toMatch(
      / {2}waiting for Kafka \(2\.0 s, at most 2 min 0 s\): no broker answers: x{100}…$/,
    );
  });

  it("does not flicker: neither with short waits nor with many events at once", () => {
    const { report, written } = screen({ interactive: true });
    vi.advanceTimersByTime(1_000);
    report(wait(399));
    expect(written).toEqual([]);
    for (let i = 0; i < 100; i++) report(progress(i));
    expect(written).toHaveLength(1);
  });

  it("has a bar that is never longer than full, whatever is done", () => {
    const { report, written } = screen({ interactive: true });
    for (const done of [0, 50, 100, 150]) {
      vi.advanceTimersByTime(1_000);
      report(progress(done, 100));
    }
    const bars = written.map((text) => /[█░]+ \d+ %/.exec(text)?.[0]);
    expect(bars).toEqual([
      `${"░".repeat(20)} 0 %`,
      `${"█".repeat(10)}${"░".repeat(10)} 50 %`,
      `${"█".repeat(20)} 100 %`,
      `${"█".repeat(20)} 100 %`,
    ]);
  });

  it("clears once, and only what is there", () => {
    const { report, clear, written } = screen({ interactive: true });
    clear();
    vi.advanceTimersByTime(1_000);
    report(wait(2_000));
    clear();
    clear();
    expect(written).toHaveLength(2);
  });
});

it("shows warnings only when it is quiet", () => {
  const { report, written } = screen({ quiet: true, interactive: true });
  vi.advanceTimersByTime(60_000);
  report({ type: "step", text: "step" });
  report({ type: "note", text: "note" });
  report(wait(5_000));
  report(progress(1));
  report({ type: "warning", text: "slow disk" });
  expect(written).toEqual(["warning: slow disk\n"]);
});

it("is coloured when it may be", () => {
  const { report, written } = screen({ color: true });
  report({ type: "step", text: "step" });
  expect(written).toEqual(["\u001b[36m›\u001b[39m step\n"]);
});

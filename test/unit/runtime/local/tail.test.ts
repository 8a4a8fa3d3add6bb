import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { tail } from "../../../../src/runtime/local/tail.js";
import { temporaryFolder } from "../../../helpers/folder.js";

const folder = temporaryFolder();

describe("tail", () => {
  it("shows the last lines of each file, and those that come once they are whole, until it is ended", async () => {
    const files = ["kafka", "flink"].map((name) => ({ name, path: join(folder, `${name}.log`) }));
    const [kafka, flink] = files.map(({ path }) => path) as [string, string];
    for (const path of [kafka, flink]) writeFileSync(path, "one\ntwo\nthree\n");
    const shown: string[] = [];
    const end = new AbortController();
    const ended = tail(
      files,
      { lines: 2, follow: true },
      (name, line) => shown.push(`${name} ${line}`),
      end.signal,
    );
    await vi.waitUntil(() => shown.length === 4);
    expect(shown.splice(0)).toEqual(["kafka two", "kafka three", "flink two", "flink three"]);

    appendFileSync(kafka, "half");
    appendFileSync(flink, "four\n");
    await vi.waitUntil(() => shown.length > 0);
    expect(shown.splice(0)).toEqual(["flink four"]);
    appendFileSync(kafka, " a line\n");
    // A log that is smaller than before has begun anew.
    writeFileSync(flink, "new\n");
    await vi.waitUntil(() => shown.length === 2);
    expect(shown).toEqual(["kafka half a line", "flink new"]);
    end.abort();
    await ended;
  });
});

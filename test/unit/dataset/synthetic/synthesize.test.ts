import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { loadManifest } from "../../../../src/dataset/manifest.js";
import {
  type SynthesizeOptions,
  type SyntheticRecord,
  synthesize,
} from "../../../../src/dataset/synthetic/synthesize.js";
import { problemOf } from "../../../helpers/problem.js";
import { ordersDataset, taxiManifest, temporaryFolder } from "../fixtures.js";

const taxi = loadManifest(taxiManifest);
const file = temporaryFolder();

const make = (options: Partial<SynthesizeOptions>): SyntheticRecord[] =>
  [...synthesize(taxi, { seed: 1, count: 1000, ...options })].flat();

function hashOf(records: readonly SyntheticRecord[]): string {
  const hash = createHash("sha256");
  for (const { key, value, kind } of records) {
    hash.update(`${kind} ${key === null ? "null" : key.length} ${value === null ? "null" : value.length}\n`);
    hash.update(key ?? "").update(value ?? "");
  }
  return hash.digest("hex");
}
const kinds = (records: readonly SyntheticRecord[], kind: string) =>
  records.filter((each) => each.kind === kind);

describe("synthesize", () => {
  it("makes the same bytes for the same seed, for ever", () => {
    const records = make({ count: 20_000, malformed: 0.02, duplicates: 0.03 });
    // A change of this hash means that everyone's seeds make other data: say so where it is released.
    expect(hashOf(records)).toBe("51973d371f82ec187d0c80a19696cd91d8d82b3914571330ee584441f6dcf53f");
    expect(hashOf(make({ count: 20_000, malformed: 0.02, duplicates: 0.03, seed: 2 }))).not.toBe(
      hashOf(records),
    );
  });

  it("depends neither on the count nor on the chunk size", () => {
    const rates = { malformed: 0.05, duplicates: 0.05 };
    const whole = make({ count: 5000, ...rates });
    expect(hashOf(make({ count: 1234, ...rates }))).toBe(hashOf(whole.slice(0, 1234)));
    expect(hashOf(make({ count: 5000, chunkSize: 7, ...rates }))).toBe(hashOf(whole));
    const again = synthesize(taxi, { seed: 1, count: 100, ...rates });
    expect(hashOf([...again].flat())).toBe(hashOf([...again].flat()));
  });

  it("goes on without a count", () => {
    let records = 0;
    for (const chunk of synthesize(taxi, { seed: 1 })) {
      records += chunk.length;
      if (records >= 10_000) break;
    }
    expect(records).toBe(10_000);
  });

  it.each([
    [1000, 0.01, 0.02],
    [333, 0.1, 0],
    [50, 1, 0],
    [10_000, 0.3333, 0.6666],
    [0, 0.5, 0.5],
  ])("makes %i records with the shares that were asked for (%d, %d)", (count, malformed, duplicates) => {
    const records = make({ count, malformed, duplicates });
    expect(records).toHaveLength(count);
    expect(kinds(records, "malformed")).toHaveLength(Math.round(count * malformed));
    expect(Math.abs(kinds(records, "duplicate").length - Math.round(count * duplicates))).toBeLessThanOrEqual(
      1,
    );
  });

  it("copies earlier good records exactly, key and value", () => {
    const seen = new Set<string>();
    const text = ({ key, value }: SyntheticRecord) => `${key?.toString("hex")} ${value?.toString("hex")}`;
    for (const record of make({ count: 5000, malformed: 0.1, duplicates: 0.2 })) {
      if (record.kind === "duplicate") expect(seen.has(text(record))).toBe(true);
      else if (record.kind === "good") seen.add(text(record));
    }
  });

  it("starts on another day when told to", () => {
    const [record] = make({ count: 1, startTime: "2024-02-26" });
    expect(JSON.parse(String(record?.value)).tpep_pickup_datetime).toMatch(/^2024-(02-2[6-9]|03-0[1-3]) /);
  });

  it.each([
    [{ seed: -1 }, "seed"],
    [{ seed: 1.5 }, "seed"],
    [{ count: -1 }, "count"],
    [{ malformed: 1.1 }, "malformed"],
    [{ duplicates: Number.NaN }, "duplicates"],
    [{ malformed: 0.6, duplicates: 0.6 }, "more than all"],
    [{ startTime: "2024-02-30" }, "start"],
    [{ startTime: "yesterday" }, "start"],
  ])("refuses %j", async (options, expected) => {
    const problem = await problemOf(() => make(options));
    expect(problem).toMatchObject({ kind: "usage", code: "generate_options" });
    expect(problem.message).toContain(expected);
  });

  it("says so when the manifest has no generator", async () => {
    const problem = await problemOf(() => [...synthesize(ordersDataset(file), { seed: 1, count: 1 })]);
    expect(problem.code).toBe("synthetic_missing");
  });
});

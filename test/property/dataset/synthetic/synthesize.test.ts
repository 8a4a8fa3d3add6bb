import { describe, expect, it } from "vitest";
import { loadManifest } from "../../../../src/dataset/manifest.js";
import { synthesize } from "../../../../src/dataset/synthetic/synthesize.js";
import { seed } from "../../../helpers/draw.js";
import { taxiManifest } from "../../../unit/dataset/fixtures.js";

const taxi = loadManifest(taxiManifest);

describe(`synthesize (CHAOS_SEED=${seed})`, () => {
  it("never makes two good records with one natural key, over more than one span of time", () => {
    const pickups = new Set<string>();
    let good = 0;
    for (const chunk of synthesize(taxi, { seed, count: 450_000, duplicates: 0.01 })) {
      for (const { kind, value } of chunk) {
        if (kind !== "good") continue;
        good++;
        // The event time alone is distinct, and it is part of the key.
        pickups.add(value?.toString("latin1", 37, 80).match(/\d{4}-[\d-]+ [\d:]+/)?.[0] ?? "");
      }
    }
    expect(good).toBe(445_500);
    expect(pickups.size).toBe(good);
  });

  it("runs in bounded memory", () => {
    const run = (count: number) => {
      for (const _ of synthesize(taxi, { seed, count, duplicates: 0.01 }));
      return process.memoryUsage();
    };
    const before = run(100_000);
    const after = run(400_000);
    const growth = (name: "heapUsed" | "external") => (after[name] - before[name]) / 1024 / 1024;
    // 300,000 records more are 115 MB of values.
    expect(growth("heapUsed")).toBeLessThan(50);
    expect(growth("external")).toBeLessThan(50);
  });
});

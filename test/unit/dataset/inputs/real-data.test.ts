import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadManifest } from "../../../../src/dataset/manifest.js";
import { readAll, root, taxiManifest } from "../fixtures.js";

const folder = join(root, "../shared/data/taxi-2019");
const files = existsSync(folder)
  ? readdirSync(folder)
      .sort()
      .map((name) => join(folder, name))
  : [];

/** Counts in ../shared/data/README.md, made with DuckDB. */
describe.skipIf(files.length === 0)("the real trips of 2019 (skipped without ../shared/data)", () => {
  const taxi = loadManifest(taxiManifest);

  it("has 120,000 readable records, 119,727 of them for silver", async () => {
    const { records, unreadable } = await readAll(taxi, files);
    expect(records).toHaveLength(120_000);
    expect(unreadable).toBe(0);
    const trips = records.map(({ value }) => JSON.parse(String(value)) as Record<string, unknown>);
    const count = (test: (trip: Record<string, unknown>) => boolean) => trips.filter(test).length;
    expect(count((trip) => trip.VendorID === null)).toBe(372);
    expect(count((trip) => trip.congestion_surcharge === null)).toBe(6_327);
    expect(count((trip) => Number(trip.total_amount) <= 0)).toBe(261);
    // The filters of datasets/taxi.yml, by hand.
    const kept = trips.filter(
      (trip) =>
        Number(trip.total_amount) > 0 &&
        Number(trip.trip_distance) >= 0 &&
        trip.tpep_pickup_datetime !== null &&
        trip.tpep_dropoff_datetime !== null,
    );
    expect(kept).toHaveLength(119_727);
    const key = (trip: Record<string, unknown>) => taxi.silver.naturalKey.map((name) => trip[name]).join("|");
    expect(new Set(kept.map(key)).size).toBe(119_727);
  }, 30_000);

  it("has no trace of the CRLF of the first two files", async () => {
    const { records } = await readAll(taxi, files.slice(0, 2));
    expect(records).toHaveLength(20_000);
    expect(records.some(({ value }) => value?.includes("\r") || value?.includes("\\r"))).toBe(false);
  });
});

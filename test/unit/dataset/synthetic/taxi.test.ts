import { describe, expect, it } from "vitest";
import { loadManifest } from "../../../../src/dataset/manifest.js";
import { synthesize } from "../../../../src/dataset/synthetic/synthesize.js";
import { taxiManifest } from "../fixtures.js";

type Trip = Record<string, number | string | null>;

const taxi = loadManifest(taxiManifest);
const trips: Trip[] = [];
for (const chunk of synthesize(taxi, { seed: 1, count: 60_000 })) {
  for (const { value } of chunk) trips.push(JSON.parse(String(value)) as Trip);
}
const number = (trip: Trip, name: string) => Number(trip[name] ?? 0);
const time = (trip: Trip, name: string) => Date.parse(`${String(trip[name]).replace(" ", "T")}Z`) / 1000;
const duration = (trip: Trip) => time(trip, "tpep_dropoff_datetime") - time(trip, "tpep_pickup_datetime");
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const share = (test: (trip: Trip) => boolean) => (trips.filter(test).length / trips.length) * 100;

/** `real` figures are those of the 120,000 trips of 2019, as in datasets/taxi.yml. */
describe("made-up taxi trips against the real ones", () => {
  it.each([
    ["trip_distance", 2.98],
    ["fare_amount", 13.29],
    ["tip_amount", 2.2],
    ["total_amount", 19.09],
  ])("have the mean %s of %d, give or take a tenth", (column, real) => {
    const made = mean(trips.map((trip) => number(trip, column)));
    expect(Math.abs(made / real - 1)).toBeLessThan(0.1);
  });

  it("take as long", () => {
    const made = mean(trips.map(duration).filter((seconds) => seconds < 7200));
    expect(Math.abs(made / 867 - 1)).toBeLessThan(0.1);
  });

  it.each([
    ["card", (trip: Trip) => trip.payment_type === 1, 71.7],
    ["a tip", (trip: Trip) => number(trip, "tip_amount") > 0, 68.9],
    ["vendor 2", (trip: Trip) => trip.VendorID === 2, 63.6],
    ["zone 237", (trip: Trip) => trip.PULocationID === 237, 4.4],
    ["no surcharge known", (trip: Trip) => trip.congestion_surcharge === null, 5.3],
    ["18 o'clock", (trip: Trip) => String(trip.tpep_pickup_datetime).slice(11, 13) === "18", 6.6],
    ["4 o'clock", (trip: Trip) => String(trip.tpep_pickup_datetime).slice(11, 13) === "04", 0.78],
  ])("have the share of %s", (_, test, real) => {
    expect(Math.abs(share(test) - real)).toBeLessThan(1);
  });

  it("cost more and take longer when they are longer", () => {
    const [short, long] = [
      trips.filter((trip) => number(trip, "trip_distance") < 1),
      trips.filter((trip) => number(trip, "trip_distance") > 5),
    ];
    expect(mean(long.map(duration))).toBeGreaterThan(3 * mean(short.map(duration)));
    expect(mean(long.map((trip) => number(trip, "fare_amount")))).toBeGreaterThan(
      3 * mean(short.map((trip) => number(trip, "fare_amount"))),
    );
  });

  it("have totals that are exactly their parts, in cents", () => {
    const parts = [
      "fare_amount",
      "extra",
      "mta_tax",
      "tip_amount",
      "tolls_amount",
      "improvement_surcharge",
      "congestion_surcharge",
    ];
    const cents = (trip: Trip, name: string) => Math.round(number(trip, name) * 100);
    for (const trip of trips) {
      expect(cents(trip, "total_amount")).toBe(parts.reduce((sum, name) => sum + cents(trip, name), 0));
    }
  });

  it("pass the filters of silver, all of them", () => {
    expect(share((trip) => number(trip, "total_amount") > 0 && number(trip, "trip_distance") >= 0)).toBe(100);
    expect(trips.every((trip) => duration(trip) > 0)).toBe(true);
  });

  it("lose what the meter sends all at once", () => {
    const group = ["VendorID", "passenger_count", "RatecodeID", "store_and_fwd_flag", "payment_type"];
    const without = trips.filter((trip) => trip.VendorID === null);
    expect(Math.abs((without.length / trips.length) * 100 - 0.31)).toBeLessThan(0.1);
    for (const trip of trips) {
      expect(new Set(group.map((name) => trip[name] === null)).size).toBe(1);
    }
  });
});

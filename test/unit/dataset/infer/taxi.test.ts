import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadManifest } from "../../../../src/dataset/manifest.js";
import { root, taxiManifest } from "../fixtures.js";
import { planned } from "./planned.js";

const file = join(root, "../shared/data/taxi-2019/yellow_2019-01.csv.gz");

/** The types of datasets/taxi.yml were written by hand, from TLC's data dictionary. */
describe.skipIf(!existsSync(file))("a real file of taxi trips (skipped without ../shared/data)", () => {
  it("has the columns that the hand-written manifest has, of the same types", async () => {
    const plan = await planned({ files: [file] });
    expect(plan.records).toBe(10_000);
    const byHand = new Map(
      loadManifest(taxiManifest).columns.flatMap(({ name, aliases, type }) =>
        [name, ...aliases].map((spelling) => [spelling, type]),
      ),
    );
    for (const { name, type } of plan.columns) expect([name, type]).toEqual([name, byHand.get(name)]);
    expect(plan.columns).toHaveLength(18);
    expect(plan.eventTime?.name).toBe("pickup_datetime");
    // Trips have no id, and no two columns of theirs stand for one.
    expect(plan.messageKey).toBeUndefined();
    expect(plan.notes).toEqual([]);
  });
});

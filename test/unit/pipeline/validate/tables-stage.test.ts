import { describe, expect, it } from "vitest";
import { unavailable } from "../../../../src/core/errors.js";
import type { TableId } from "../../../../src/iceberg/catalog.js";
import { tablesCheck } from "../../../../src/pipeline/validate/tables-stage.js";
import { look } from "../../../../src/pipeline/validate/validate.js";
import { icebergTable, madeOf, snapshot } from "../../../helpers/tables.js";
import { contextOf } from "../../../helpers/validate-context.js";
import { workspaceOf } from "../../../helpers/workspace.js";

const lookAt = async (table: () => ReturnType<typeof icebergTable>) =>
  await look(
    tablesCheck,
    contextOf(workspaceOf({ catalog: { table: async (id: TableId) => partitioned(table(), id) } })),
  );
/** As pipectl makes it. */
const partitioned = (table: ReturnType<typeof icebergTable>, { table: name }: TableId) => {
  const by = name === "cleaned_trips" ? "pickup_date" : "kafka_partition";
  const fields = [{ name: by, type: "int", required: false }];
  return { ...table, ...madeOf({ fields, partitionBy: [by], properties: {} }) };
};

describe("table maintenance", () => {
  it("passes while no table needs any, and warns with the command that helps", async () => {
    expect(await lookAt(() => icebergTable([snapshot("1", null)]))).toEqual({
      status: "pass",
      detail: "no table needs any",
    });
    const many = Array.from({ length: 5_000 }, (_, i) => snapshot(String(i + 1), i === 0 ? null : String(i)));
    expect(await lookAt(() => icebergTable(many))).toMatchObject({
      status: "warn",
      detail: expect.stringContaining("expire: 5,000 snapshots"),
      hint: "pipectl maintain",
    });
  });

  it("is left out where the catalog cannot be asked", async () => {
    expect(
      await lookAt(() => {
        throw unavailable("http_unreachable", "nobody listens");
      }),
    ).toBeUndefined();
  });
});

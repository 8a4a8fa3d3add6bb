import { describe, expect, it } from "vitest";
import { totalsOf } from "../../../../src/pipeline/validate/totals.js";
import { fakeGateway } from "../../../helpers/gateway.js";
import { icebergTable, snapshot } from "../../../helpers/tables.js";
import { workspaceOf } from "../../../helpers/workspace.js";

const table = (summary: Record<string, string>) => icebergTable([snapshot("7", null, { summary })]);

describe("the rows that readers see", () => {
  it("are those of the summaries, and none where nothing was written", async () => {
    const { runtime, queries } = await fakeGateway(() => [[4]]);
    const bronze = table({ "total-records": "9", "total-delete-files": "0" });
    expect(await totalsOf(workspaceOf({ runtime }), { bronze, dlq: icebergTable() })).toEqual({
      bronze: 9,
      dlq: 0,
    });
    expect(queries).toEqual([]);
  });

  it.each([
    ["are marked in delete files", { "total-records": "9", "total-delete-files": "1" }],
    ["are not in the summary of another engine", {}],
  ])("are counted where some %s", async (_what, summary) => {
    const { runtime, queries } = await fakeGateway(() => [[4]]);
    expect(await totalsOf(workspaceOf({ runtime }), { bronze: table(summary) })).toEqual({
      bronze: 4,
      dlq: 0,
    });
    expect(queries).toHaveLength(1);
    expect(queries[0]).toContain("OPTIONS('snapshot-id' = '7')");
  });
});

import { describe, expect, it } from "vitest";
import { martTable, tableDefinitions, tableKinds } from "../../../src/lake/definitions.js";
import { taxi } from "../../helpers/workspace.js";

const definitions = () => tableDefinitions(taxi);
const everywhere = {
  "flink.max-continuous-empty-commits": "1000000",
  "format-version": "2",
  "write.format.default": "parquet",
  "write.parquet.compression-codec": "zstd",
  "write.metadata.delete-after-commit.enabled": "true",
  "write.metadata.previous-versions-max": "100",
};

describe("the properties of a table", () => {
  it("are those that the account and the sizes of files rest on", () => {
    const landing = {
      ...everywhere,
      "write.distribution-mode": "none",
      "write.summary.partition-limit": "10000",
    };
    expect(definitions().bronze.properties).toEqual(landing);
    expect(definitions().dlq.properties).toEqual(landing);
    expect(definitions().silver.properties).toEqual({ ...everywhere, "write.distribution-mode": "hash" });
  });

  it("of a mart are its own, too; it is one partition", () => {
    const fields = [{ name: "n", type: "long" as const, required: false }];
    expect(martTable(fields, { "pipectl.mart": "{}" })).toEqual({
      fields,
      partitionBy: [],
      properties: { ...everywhere, "pipectl.mart": "{}" },
    });
  });
});

describe("the columns of the tables", () => {
  it("come in the order of the rows' way", () => {
    expect(tableKinds).toEqual(["bronze", "dlq", "silver"]);
    expect(tableKinds.map((kind) => definitions()[kind].partitionBy)).toEqual([
      ["kafka_partition"],
      ["kafka_partition"],
      ["pickup_date"],
    ]);
  });

  it("have the types that Flink writes", () => {
    const types = Object.fromEntries(definitions().bronze.fields.map(({ name, type }) => [name, type]));
    expect(types).toMatchObject({
      VendorID: "int",
      extra_fields: "string",
      kafka_incarnation: "int",
      kafka_partition: "int",
      kafka_offset: "long",
      kafka_timestamp: "timestamptz",
      ingestion_ts: "timestamptz",
    });
  });

  it("require in bronze what the manifest requires", () => {
    const columns = taxi.columns.map((column) =>
      column.name === "VendorID" ? { ...column, nullable: false } : column,
    );
    const required = tableDefinitions({ ...taxi, columns }).bronze.fields.filter((field) => field.required);
    expect(required.map(({ name }) => name)).toEqual([
      "VendorID",
      "kafka_incarnation",
      "kafka_partition",
      "kafka_offset",
    ]);
  });

  it("are described where there is something to say, and have no empty description", () => {
    const columns = taxi.columns.map((column, i) => ({ ...column, description: i === 0 ? "who" : "" }));
    const { fields } = tableDefinitions({ ...taxi, columns }).bronze;
    expect(fields[0]).toMatchObject({ doc: "who" });
    expect(fields[1]).not.toHaveProperty("doc");
    expect(definitions().dlq.fields.find(({ name }) => name === "error")).toMatchObject({
      doc: expect.stringMatching(/./),
    });
  });
});

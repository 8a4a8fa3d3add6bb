import { noRecords } from "../inputs/source.js";
import type { FileFormat } from "./input-format.js";

export const parquetFormat: FileFormat = {
  name: "parquet",
  family: "Parquet",
  called: "Parquet",
  endings: ["parquet"],
  reads: "file",
  why: "Parquet has to be read from its end",
  signature: [0x50, 0x41, 0x52, 0x31],
  async open(dataset, path, bytes) {
    const { openParquet } = await import("../inputs/parquet.js");
    const file = await openParquet(dataset, path);
    if (file.rows === 0) throw noRecords(path);
    return {
      where: path,
      bytes,
      records(_tally, onBytes) {
        // The columns of a row are far apart in the file, so progress is counted by rows.
        let told = 0;
        return file.records((rows) => {
          const reached = Math.round((rows / file.rows) * bytes);
          onBytes(reached - told);
          told = reached;
        });
      },
    };
  },
  collector: async () => new (await import("../infer/parquet-collect.js")).ParquetCollect(),
};

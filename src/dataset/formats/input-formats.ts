import { joined } from "../../core/format.js";
import { packings } from "../inputs/packing.js";
import { csvFormat } from "./csv-format.js";
import type { InputFormat } from "./input-format.js";
import { jsonFormat, jsonLinesFormat } from "./json-format.js";
import { parquetFormat } from "./parquet-format.js";

/** Every supported format. A new format is one more file beside these, and an entry here. */
export const inputFormats: readonly InputFormat[] = [csvFormat, jsonLinesFormat, jsonFormat, parquetFormat];

const familiesOf = (formats: readonly InputFormat[]) => [...new Set(formats.map(({ family }) => family))];

/** CSV, JSON, Parquet. */
export const families: readonly string[] = familiesOf(inputFormats);

/** "CSV, JSON (plain, gzip or zstd) or Parquet". */
export function formatsWithPackings(): string {
  const streams = familiesOf(inputFormats.filter(({ reads }) => reads === "stream"));
  const files = familiesOf(inputFormats.filter(({ reads }) => reads === "file"));
  const plainOrPacked = joined(["plain", ...packings.map(({ name }) => name)], "or");
  return joined([`${streams.join(", ")} (${plainOrPacked})`, ...files], "or");
}

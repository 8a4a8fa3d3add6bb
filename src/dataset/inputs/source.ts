import { messageOf, usage } from "../../core/errors.js";
import type { SourceRecord } from "../types.js";
import type { Packing } from "./packing.js";
import type { Tally } from "./tally.js";

export type Records = AsyncGenerator<readonly SourceRecord[]>;

/** One checked input, which can be read once. */
export interface Source {
  /** Its name in errors: the path, or `stdin`. */
  readonly where: string;
  /** Size in bytes on disk; undefined when unknown. */
  readonly bytes: number | undefined;
  /** @param onBytes called with the number of further bytes read */
  records(tally: Tally, onBytes: (bytes: number) => void): Records;
}

export const noRecords = (where: string) =>
  usage("input_empty", `${where} has no records`, { hint: "Nothing was sent." });

export const damaged = (where: string, packing: Packing, cause: unknown) =>
  usage(
    "input_corrupt",
    `${where} is damaged: its ${packing} data cannot be unpacked (${messageOf(cause)})`,
    {
      hint: `Check it with: ${packing} -t FILE. Fetch it again. Nothing was sent.`,
      cause,
    },
  );

export const wrongFormat = (path: string, is: string, advice: string) =>
  usage("input_format", `${path} is ${is}`, { hint: `${advice} Nothing was sent.` });

import type { Observation } from "../infer/observation.js";
import type { Records, Source } from "../inputs/source.js";
import type { Tally } from "../inputs/tally.js";
import type { Dataset, SourceRecord } from "../types.js";

interface Described {
  /** The usual file name ending. */
  readonly name: string;
  /**
   * The name in lists of formats. Formats of one family contain the same kinds of values, so that `infer` can read them
   * together.
   */
  readonly family: string;
  /** The name for an input of this format in messages. */
  readonly called: string;
  /** File name endings that indicate the format, without the dot. */
  readonly endings: readonly string[];
  /** The first bytes of every input of this format; text formats have none. */
  readonly signature?: readonly number[];
  /** True when a text begins like this format. For any text, only one format may return true. */
  recognizes?(text: string): boolean;
  /** Other formats whose content a file with this name may begin with: rows that cannot be read are then dead letters. */
  readonly mayBeginLike?: readonly InputFormat[];
  /** Makes a collector for inputs of this family. @param where names all of them in errors */
  collector(where: string): Promise<Collector>;
}

/** A format that is read from beginning to end, so that it may be compressed, or come from standard input. */
export interface StreamFormat extends Described {
  readonly reads: "stream";
  /**
   * @param where names the input in errors
   * @param bytes the input, decompressed
   * @throws usage error `input_columns` when a header does not fit the dataset
   */
  records(dataset: Dataset, where: string, bytes: AsyncIterable<Buffer>, tally: Tally): Records;
  /**
   * Checks the first records.
   *
   * @throws usage errors `input_columns`, `input_format` when the input is something else
   */
  checkFirst?(
    dataset: Dataset,
    input: { readonly where: string; readonly isFile: boolean },
    first: readonly SourceRecord[],
  ): Promise<void>;
}

/** A format that needs random access to the file. */
export interface FileFormat extends Described {
  readonly reads: "file";
  /** Why it can be neither compressed nor piped in, as the beginning of a sentence. */
  readonly why: string;
  /** @param bytes the file's size @throws usage errors `input_corrupt`, `input_columns`, `input_empty` */
  open(dataset: Dataset, path: string, bytes: number): Promise<Source>;
}

export type InputFormat = StreamFormat | FileFormat;

/** One input of a format, for `infer`. */
export interface ObservedInput {
  readonly format: InputFormat;
  /** The path of a file, or `stdin`. */
  readonly where: string;
  /** The input's bytes, decompressed. */
  readonly bytes: AsyncIterable<Buffer>;
  /** Whether CSV has a header, if somebody has said so. */
  readonly hasHeader?: boolean | undefined;
  /** Called regularly by a format that does not read `bytes`. @throws when the command is interrupted */
  onProgress(): void;
}

/** Collects what `infer` needs from inputs of one family. Memory use does not grow with them. */
export interface Collector {
  /** Number of parsed records so far. */
  readonly records: number;
  /** Reads one input, until there are `limit` records in total. */
  add(input: ObservedInput, limit: number): Promise<void>;
  observation(): Observation;
}

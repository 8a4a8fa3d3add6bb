import type { Observation } from "../infer/observation.js";
import type { Records, Source } from "../inputs/source.js";
import type { Tally } from "../inputs/tally.js";
import type { Dataset, SourceRecord } from "../types.js";

interface Described {
  /** The ending by which most of its files are known. */
  readonly name: string;
  /** What lists of formats call it. Formats of one family hold the same things, so that `infer` reads them together. */
  readonly family: string;
  /** What messages call an input of it. */
  readonly called: string;
  /** Endings of names that promise it, without the dot. */
  readonly endings: readonly string[];
  /** The bytes with which every input of it begins; a format of text has none. */
  readonly signature?: readonly number[];
  /** Whether a text begins as this format does. Only one format may take it for its own. */
  recognizes?(text: string): boolean;
  /** Formats by whose content a file of this name may begin: what it cannot read of them are dead letters. */
  readonly mayBeginLike?: readonly InputFormat[];
  /** Notes what inputs of its family hold. @param where names all of them in errors */
  collector(where: string): Promise<Collector>;
}

/** A format that is read from its beginning to its end, so that it may be packed, or come from standard input. */
export interface StreamFormat extends Described {
  readonly reads: "stream";
  /**
   * @param where names the input in errors
   * @param bytes of the input, unpacked
   * @throws usage error `input_columns` where a header does not fit the dataset
   */
  records(dataset: Dataset, where: string, bytes: AsyncIterable<Buffer>, tally: Tally): Records;
  /**
   * Looks at the first records.
   *
   * @throws usage errors `input_columns`, `input_format` for an input of something else
   */
  checkFirst?(
    dataset: Dataset,
    input: { readonly where: string; readonly isFile: boolean },
    first: readonly SourceRecord[],
  ): Promise<void>;
}

/** A format of which all parts have to be in reach at once. */
export interface FileFormat extends Described {
  readonly reads: "file";
  /** Why it can be neither packed nor piped in, as the beginning of a sentence. */
  readonly why: string;
  /** @param bytes its size @throws usage errors `input_corrupt`, `input_columns`, `input_empty` */
  open(dataset: Dataset, path: string, bytes: number): Promise<Source>;
}

export type InputFormat = StreamFormat | FileFormat;

/** One input of a format, for `infer`. */
export interface ObservedInput {
  readonly format: InputFormat;
  /** The path of a file, or `stdin`. */
  readonly where: string;
  /** Unpacked. */
  readonly bytes: AsyncIterable<Buffer>;
  /** Called now and then by a format that does not read `bytes`. @throws when the command is interrupted */
  onProgress(): void;
}

/** Notes what inputs of one family hold. Memory does not grow with them. */
export interface Collector {
  /** Records so far that could be read. */
  readonly records: number;
  /** Reads one input, until there are `limit` records in all. */
  add(input: ObservedInput, limit: number): Promise<void>;
  observation(): Observation;
}

import { messageOf } from "../../core/errors.js";
import { NotSupported } from "./not-supported.js";
import type { Page, Pages } from "./pages.js";

/** The place in a column: one triple of levels and a value after the other, through all pages of its chunk. */
export class Cursor {
  /** Repetition level of the current triple; 0 begins a row, also behind the last triple. */
  repetition = 0;
  /** Definition level of the current triple; -1 behind the last one. */
  definition = -1;
  #page: Page | undefined;
  #at = -1;
  /** Number of values of the page that have been taken. */
  #taken = 0;

  constructor(
    /** Path of the column, for errors. */
    readonly path: string,
    private readonly pages: Pages,
    private readonly maxDefinition: number,
  ) {
    this.#next();
  }

  get isDone(): boolean {
    return this.#page === undefined;
  }

  /** Goes on to the next triple. @returns the current one's value; undefined when it has none */
  take(): unknown {
    if (this.#page === undefined)
      throw new ColumnError(this.path, new Error("it has fewer values than rows"));
    const value = this.definition === this.maxDefinition ? this.#page.values[this.#taken++] : undefined;
    this.#next();
    return value;
  }

  #next() {
    this.#at++;
    if (this.#page === undefined || this.#at === this.#page.length) {
      this.#page = this.#nextPage();
      this.#at = 0;
      this.#taken = 0;
    }
    const { repetitions, definitions } = this.#page ?? {};
    this.repetition = repetitions?.[this.#at] ?? 0;
    this.definition = this.#page === undefined ? -1 : (definitions?.[this.#at] ?? this.maxDefinition);
  }

  #nextPage(): Page | undefined {
    try {
      return this.pages.next();
    } catch (error) {
      throw new ColumnError(this.path, error);
    }
  }
}

/** An error with the column that it is about. */
export class ColumnError extends Error {
  constructor(path: string, cause: unknown) {
    // Errors of the runtime, such as zlib's, do not say what they are about.
    const isOurs =
      cause instanceof NotSupported ||
      (cause instanceof Error && cause.constructor === Error && !("code" in cause));
    const what = isOurs ? messageOf(cause) : `a page is damaged (${messageOf(cause)})`;
    super(`the column ${JSON.stringify(path)}: ${what}`, { cause });
  }
}

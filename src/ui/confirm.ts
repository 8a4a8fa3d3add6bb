import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

/** Where a person is asked; the question goes to standard error, because standard output has the result. */
export interface Terminal {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean };
}

/** True where somebody sees a question and can answer it. */
export const canAnswer = ({ stdin, stderr }: Terminal): boolean =>
  stdin.isTTY === true && stderr.isTTY === true;

/**
 * Asks a question of yes or no. Anything but y or yes is a no, and so is the end of the input.
 *
 * @param signal of Ctrl-C: it throws then
 */
export async function confirm(
  question: string,
  { stdin, stderr }: Terminal,
  signal: AbortSignal,
): Promise<boolean> {
  const lines = createInterface({ input: stdin, terminal: false });
  try {
    stderr.write(`${question} [y/N] `);
    const answers = [once(lines, "line", { signal }), once(lines, "close", { signal })];
    const [answer = ""] = (await Promise.race(answers)) as [string?];
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}

import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

/** The terminal. The question goes to standard error, because the result goes to standard output. */
export interface Terminal {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean };
}

/** True when a person can see the question and answer it. */
export const canAnswer = ({ stdin, stderr }: Terminal): boolean =>
  stdin.isTTY === true && stderr.isTTY === true;

/**
 * Asks a yes-or-no question. Anything but y or yes means no, and so does the end of the input.
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

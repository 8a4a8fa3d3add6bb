import { Readable } from "node:stream";
import { main } from "../../src/main.js";
import { root } from "./folder.js";

export interface CliOptions {
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly root?: string;
  readonly stdin?: string;
  /** Told about each piece of standard output as it comes. */
  readonly onOutput?: (text: string) => void;
}

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs one command line as `pipectl` would, without a terminal and without the surrounding environment. On the local
 * runtime unless told: what a test sees must not depend on whether this machine has Docker.
 */
export async function pipectl(argv: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  let stdout = "";
  let stderr = "";
  const code = await main(argv, {
    stdin: Readable.from(options.stdin === undefined ? [] : [Buffer.from(options.stdin)]),
    stdout: {
      write: (text) => {
        stdout += text;
        options.onOutput?.(text);
      },
    },
    stderr: {
      write: (text) => {
        stderr += text;
      },
    },
    environment: { RUNTIME: "local", ...options.environment },
    root: options.root ?? root,
  });
  return { code, stdout, stderr };
}

/** The one JSON document on standard output; throws when there is something else, or a second one. */
export function documentOf(result: CliResult): unknown {
  return JSON.parse(result.stdout);
}

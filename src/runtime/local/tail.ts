import { open, stat } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

interface LogFile {
  readonly name: string;
  readonly path: string;
}

/** Hands the last `lines` lines of each file to `onLine`, and with `follow` those that come, until `signal` aborts. */
export async function tail(
  files: readonly LogFile[],
  options: { readonly lines: number; readonly follow: boolean },
  onLine: (name: string, line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const positions = new Map<string, number>();
  for (const { name, path } of files) {
    const { text, end } = await readFrom(path, Math.max(0, (await stat(path)).size - options.lines * 400));
    const lines = text.split("\n").filter((line) => line !== "");
    if (options.lines > 0) for (const line of lines.slice(-options.lines)) onLine(name, line);
    positions.set(path, end);
  }
  while (options.follow && !signal.aborted) {
    for (const { name, path } of files) {
      const { size } = await stat(path).catch(() => ({ size: 0 }));
      const before = positions.get(path) ?? 0;
      // Smaller than before: the log has been rolled, or the service started anew.
      const { text, end } = await readFrom(path, size < before ? 0 : before);
      const whole = text.lastIndexOf("\n") + 1;
      for (const line of text.slice(0, whole).split("\n")) if (line !== "") onLine(name, line);
      positions.set(path, end - Buffer.byteLength(text.slice(whole)));
    }
    await delay(200, undefined, { signal }).catch(() => {});
  }
}

async function readFrom(path: string, from: number): Promise<{ text: string; end: number }> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return { text: "", end: 0 };
  try {
    const { size } = await file.stat();
    const buffer = Buffer.alloc(Math.max(0, size - from));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, from);
    return { text: buffer.toString("utf8", 0, bytesRead), end: from + bytesRead };
  } finally {
    await file.close();
  }
}

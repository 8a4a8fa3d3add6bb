import { Chalk, type ChalkInstance } from "chalk";
import { count, duration } from "../core/format.js";
import type { ProgressEvent, Report } from "../core/report.js";

export interface TerminalOptions {
  readonly write: (text: string) => void;
  /** True on a terminal, where lines may be overwritten. */
  readonly interactive: boolean;
  readonly color: boolean;
  readonly quiet: boolean;
}

export interface Terminal {
  readonly report: Report;
  /** Removes the progress line before something else is printed. */
  clear(): void;
  readonly chalk: ChalkInstance;
}

/** Shows progress: on a terminal in one changing line, elsewhere as a line every few seconds. */
export function terminal(options: TerminalOptions): Terminal {
  const chalk = new Chalk({ level: options.color ? 1 : 0 });
  const secondsBetweenLines = 10;
  let live = false;
  let lastLine = performance.now();
  let lastFrame = 0;

  const clear = () => {
    if (live) options.write("\r\u001b[2K");
    live = false;
  };
  const line = (text: string) => {
    clear();
    options.write(`${text}\n`);
    lastLine = performance.now();
  };
  const passing = (text: string) => {
    const now = performance.now();
    if (options.interactive) {
      if (now - lastFrame < 80) return;
      lastFrame = now;
      options.write(`\r\u001b[2K${chalk.dim(text)}`);
      live = true;
    } else if (now - lastLine > secondsBetweenLines * 1000) {
      line(text);
    }
  };

  const report = (event: ProgressEvent) => {
    if (options.quiet && event.type !== "warning") return;
    switch (event.type) {
      case "step":
        return line(`${chalk.cyan("›")} ${event.text}`);
      case "note":
        return line(`  ${event.text}`);
      case "warning":
        return line(`${chalk.yellow("warning:")} ${event.text}`);
      case "wait":
        // A wait that ends at once would only flicker.
        if (event.elapsedMs < 400) return;
        return passing(
          `  waiting for ${event.text} (${duration(event.elapsedMs)}, at most ${duration(event.timeoutMs)})${whatIsMissing(event.reason)}`,
        );
      case "progress":
        return passing(`  ${progressLine(event)}`);
    }
  };
  return { report, clear, chalk };
}

/** A line that is written over must stay one line. */
function whatIsMissing(reason: string | undefined): string {
  const line = reason?.split("\n", 1)[0] ?? "";
  return line === "" ? "" : `: ${line.length > 120 ? `${line.slice(0, 119)}…` : line}`;
}

function progressLine(event: ProgressEvent & { type: "progress" }): string {
  const { text, done, total, unit, rate } = event;
  const parts = [text];
  if (total !== undefined && total > 0) {
    const share = Math.min(1, done / total);
    const filled = Math.round(share * 20);
    parts.push(`${"█".repeat(filled)}${"░".repeat(20 - filled)} ${Math.floor(share * 100)} %`);
    parts.push(`${count(done)} of ${count(total)} ${unit}`);
  } else {
    parts.push(`${count(done)} ${unit}`);
  }
  if (rate !== undefined && rate > 0) {
    parts.push(`${count(Math.round(rate))}/s`);
    if (total !== undefined && total > done) parts.push(`${duration(((total - done) / rate) * 1000)} left`);
  }
  return parts.join("  ");
}

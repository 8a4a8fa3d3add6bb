/**
 * Progress events of a use case. Use cases never print: `ui/` decides how an event looks on a terminal, in a log file, or whether it is
 * shown at all.
 */
export type ProgressEvent =
  /** A new step has begun, and the previous one has ended. */
  | { readonly type: "step"; readonly text: string }
  /** A wait that is not over at once: its subject, its time limit in milliseconds, and what is still missing. */
  | {
      readonly type: "wait";
      readonly text: string;
      readonly elapsedMs: number;
      readonly timeoutMs: number;
      readonly reason?: string | undefined;
    }
  /** Work with a known or unknown total, in `unit`s; `rate` is per second. */
  | {
      readonly type: "progress";
      readonly text: string;
      readonly done: number;
      readonly total?: number | undefined;
      readonly unit: string;
      readonly rate?: number | undefined;
    }
  /** A fact that deserves its own line. */
  | { readonly type: "note"; readonly text: string }
  | { readonly type: "warning"; readonly text: string };

export type Report = (event: ProgressEvent) => void;

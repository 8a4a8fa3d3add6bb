/**
 * What a use case tells while it works. It never prints: `ui/` decides how an event looks on a terminal, in a
 * log file, or not at all.
 */
export type ProgressEvent =
  /** A new step has begun; the one before it is over. */
  | { readonly type: "step"; readonly text: string }
  /** Something took longer than an instant: what is waited for, for how long at the most (milliseconds), and what is missing. */
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
  /** A fact worth a line of its own. */
  | { readonly type: "note"; readonly text: string }
  | { readonly type: "warning"; readonly text: string };

export type Report = (event: ProgressEvent) => void;

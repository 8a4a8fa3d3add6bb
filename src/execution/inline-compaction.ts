const mebibyte = 1024 * 1024;

/**
 * Sink options that make the streaming job compact small files between its own commits. Iceberg's maintenance operators do the
 * work, at most once a minute (their default).
 */
export const inlineCompaction: Readonly<Record<string, string>> = {
  "flink-maintenance.rewrite.enabled": "true",
  // In commits: every ten minutes at the default checkpoint interval.
  "flink-maintenance.rewrite.schedule.commit-count": "60",
  // Larger files are left alone. Otherwise each rewrite would take in all files rewritten before, up to 512 MiB.
  "flink-maintenance.rewrite.min-file-size-bytes": String(8 * mebibyte),
  // Checkpoints wait while files are rewritten, so one pass takes a limited amount and leaves the rest to the next. It takes whole
  // groups: a group larger than a pass would never be rewritten.
  "flink-maintenance.rewrite.max-file-group-size-bytes": String(32 * mebibyte),
  "flink-maintenance.rewrite.max-bytes": String(64 * mebibyte),
};

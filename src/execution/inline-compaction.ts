const mebibyte = 1024 * 1024;

/**
 * Options of a sink that makes it rewrite the small files of its table, between its commits and in the same job. Iceberg's own
 * maintenance operators do it; at most once a minute, which is their default.
 */
export const inlineCompaction: Readonly<Record<string, string>> = {
  "flink-maintenance.rewrite.enabled": "true",
  // Commits: every ten minutes at the default interval of checkpoints.
  "flink-maintenance.rewrite.schedule.commit-count": "60",
  // A file of this size is left alone: otherwise each rewrite would take in all that was rewritten before, up to 512 MiB.
  "flink-maintenance.rewrite.min-file-size-bytes": String(8 * mebibyte),
  // Checkpoints wait while files are rewritten, so a run takes only so much; what is left is for the next. It takes whole groups:
  // one that is larger than a run would never be rewritten.
  "flink-maintenance.rewrite.max-file-group-size-bytes": String(32 * mebibyte),
  "flink-maintenance.rewrite.max-bytes": String(64 * mebibyte),
};

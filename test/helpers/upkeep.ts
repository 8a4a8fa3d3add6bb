/** Nothing stays that is not needed, and everything small is compacted. */
export const maintainAll = ["maintain", "--older-than", "0min", "--keep", "1", "--min-files", "5"];

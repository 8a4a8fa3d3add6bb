import { expect, it } from "vitest";
import { failed, unavailable, usage } from "../../../src/core/errors.js";
import { exitCodeOf, type StageStatus, verdictOf, worst } from "../../../src/core/verdict.js";

it.each<[StageStatus[], StageStatus, number]>([
  [[], "pass", 0],
  [["pass", "pass"], "pass", 0],
  [["pass", "warn", "pass"], "warn", 0],
  [["warn", "unknown"], "unknown", 3],
  [["unknown", "pass", "fail", "warn"], "fail", 1],
])("the worst of %j is %s, exit %i", (all, status, exitCode) => {
  expect(worst(all)).toBe(status);
  expect(exitCodeOf(worst(all))).toBe(exitCode);
});

it("a check that an error has ended is unknown where it has seen nothing, and has failed where it has", () => {
  const statusOf = (error: unknown) => verdictOf(error).status;
  expect(verdictOf(unavailable("http_unreachable", "nobody listens", { hint: "pipectl up" }))).toEqual({
    status: "unknown",
    detail: "nobody listens",
    hint: "pipectl up",
  });
  expect(statusOf(unavailable("query_unanswered", "a timeout"))).toBe("unknown");
  expect(statusOf(usage("unauthorized", "the token has expired"))).toBe("unknown");
  expect(statusOf(failed("catalog_forbidden", "not for you"))).toBe("unknown");
  expect(statusOf(unavailable("topic_missing", "there is no such topic"))).toBe("fail");
  expect(statusOf(failed("account_untrusted", "another writer"))).toBe("fail");
  expect(statusOf(usage("query_failed", "a data file is missing"))).toBe("fail");
  expect(() => verdictOf(new TypeError("a bug"))).toThrow(TypeError);
});

import { describe, expect, it } from "vitest";
import { nearest } from "../../../src/core/nearest.js";

const keys = ["KAFKA_PORT", "KAFKA_CONTROLLER_PORT", "FLINK_PORT", "MODE"];

describe("nearest", () => {
  it.each([
    ["KAFKA_PROT", "KAFKA_PORT"],
    ["kafka_port", "KAFKA_PORT"],
    ["KAFKAPORT", "KAFKA_PORT"],
    ["MOD", "MODE"],
    ["MODE", "MODE"],
    ["FLINK_PORTS", "FLINK_PORT"],
  ])("%s is meant as %s", (word, meant) => {
    expect(nearest(word, keys)).toBe(meant);
  });

  it.each(["", "JAVA_HOME", "XYZ", "SOMETHING_ELSE"])("'%s' is like none", (word) => {
    expect(nearest(word, keys)).toBeUndefined();
  });

  it("takes the first of equally near ones, and copes with none", () => {
    expect(nearest("cat", ["bat", "rat"])).toBe("bat");
    expect(nearest("cat", [])).toBeUndefined();
  });
});

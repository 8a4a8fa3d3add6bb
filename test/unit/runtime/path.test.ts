import { expect, it } from "vitest";
import { pathOf } from "../../../src/runtime/path.js";

it("passes on only what a program is found and run with", () => {
  const environment = {
    PATH: "/bin",
    JAVA_HOME: "",
    HOME: "/root",
    AWS_SECRET_ACCESS_KEY: "hunter2",
    MAVEN_OPTS: undefined,
  };
  expect(pathOf(environment)).toEqual({ PATH: "/bin", HOME: "/root" });
});

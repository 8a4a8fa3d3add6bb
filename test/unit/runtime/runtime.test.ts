import { expect, it } from "vitest";
import type { Config } from "../../../src/config/load.js";
import { localRuntime } from "../../../src/runtime/local/local-runtime.js";
import { remoteRuntime } from "../../../src/runtime/remote/remote-runtime.js";
import { requireManaged } from "../../../src/runtime/runtime.js";
import { temporaryFolder } from "../../helpers/folder.js";
import { problemOf } from "../../helpers/problem.js";
import { configOf } from "../../helpers/workspace.js";

const state = { STATE_DIR: temporaryFolder() };
const remote = (config: Config) => remoteRuntime(config, () => {});

it("what somebody else operates is not managed: the refusal says why, and what to do instead", async () => {
  const error = await problemOf(async () => requireManaged(remote(configOf(state)), "does not stop them"));
  expect(error).toMatchObject({ kind: "usage", code: "not_ours", exitCode: 2 });
  expect(error.message).toBe(
    "RUNTIME=remote: pipectl has not started these services, and does not stop them",
  );
  expect(error.hint).toContain("pipectl stop");
});

it("what pipectl has started is managed", () => {
  const runtime = localRuntime(configOf(state));
  expect(requireManaged(runtime, "does not stop them")).toBe(runtime.managed);
});

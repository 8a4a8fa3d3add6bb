import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { failed } from "../../../src/core/errors.js";
import type { ProgressEvent } from "../../../src/core/report.js";
import { chooseRuntime, forgetRuntime, noteRuntime } from "../../../src/runtime/choose.js";
import { temporaryFolder } from "../../helpers/folder.js";
import { fakePrograms } from "../../helpers/programs.js";
import { configOf } from "../../helpers/workspace.js";

const folder = temporaryFolder();
const pathWith = fakePrograms();
const stateFolder = () => mkdtempSync(join(folder, "state-"));
const never = new AbortController().signal;

/** A Docker that is there, with Compose and every image. */
const working = `case "$1 $2" in
  "version --format") echo 28.2.2;;
  "compose version") echo 2.32.4;;
  "compose -p") echo apache/kafka:4.1.1;;
  "image inspect") echo sha256:0;;
  *) echo "unexpected: $*" >&2; exit 1;;
esac`;
const down =
  'echo "Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?" >&2; exit 1';

interface RetentionRequirement {
  readonly stateDir?: string;
  readonly runtime?: "auto" | "docker" | "local";
  readonly starting?: boolean;
  /** The script that `docker` is; none is on PATH unless told. */
  readonly script?: string;
  readonly signal?: AbortSignal;
}

async function choose({
  stateDir = stateFolder(),
  runtime = "auto",
  starting = false,
  script,
  signal,
}: RetentionRequirement) {
  const events: ProgressEvent[] = [];
  const PATH = pathWith(script === undefined ? {} : { docker: script });
  const config = { ...configOf({ STATE_DIR: stateDir, RUNTIME: runtime }), environment: { PATH } };
  const { kind } = await chooseRuntime(config, starting, (event) => events.push(event), signal ?? never);
  return { kind, said: events.map(({ text }) => text) };
}

describe("RUNTIME=auto", () => {
  it("is local where there is no Docker, and says why in one line when it starts something", async () => {
    expect(await choose({})).toEqual({ kind: "local", said: [] });
    expect(await choose({ starting: true })).toEqual({
      kind: "local",
      said: [
        "RUNTIME=auto: using local JVMs, because Docker is not installed: there is no program docker on PATH",
      ],
    });
  });

  it("is local where Docker does not run, and says so", async () => {
    const { kind, said } = await choose({ starting: true, script: down });
    expect(kind).toBe("local");
    expect(said).toEqual([
      expect.stringMatching(/^RUNTIME=auto: using local JVMs, because the Docker engine/),
    ]);
  });

  it("is local where the images cannot be had, and tells the reason itself, not that there was one", async () => {
    const script = working.replace("echo apache/kafka:4.1.1", "echo yaml: line 7: odd >&2; exit 15");
    const { kind, said } = await choose({ starting: true, script });
    expect(kind).toBe("local");
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/^RUNTIME=auto: using local JVMs, because .*yaml: line 7: odd$/);
  });

  it("is docker where Docker works, and says so when it starts something", async () => {
    expect(await choose({ script: working })).toEqual({ kind: "docker", said: [] });
    expect(await choose({ script: working, starting: true })).toEqual({
      kind: "docker",
      said: ["RUNTIME=auto: using Docker"],
    });
  });

  it("is what was started last, whatever else would work", async () => {
    const [docker, local] = [stateFolder(), stateFolder()];
    await noteRuntime(docker, "docker");
    await noteRuntime(local, "local");
    for (const starting of [false, true]) {
      expect(await choose({ stateDir: docker, starting })).toEqual({ kind: "docker", said: [] });
      expect(await choose({ stateDir: local, starting, script: working })).toEqual({
        kind: "local",
        said: [],
      });
    }
  });

  it("is local where a local stack has data from before this was noted down", async () => {
    const stateDir = stateFolder();
    mkdirSync(join(stateDir, "data"));
    for (const starting of [false, true])
      expect(await choose({ stateDir, starting, script: working })).toEqual({ kind: "local", said: [] });
    // The note is newer than the data.
    await noteRuntime(stateDir, "docker");
    expect((await choose({ stateDir })).kind).toBe("docker");
  });

  it.each(["podman", "", "docker local", "Docker"])("takes '%s' in the note for none", async (noted) => {
    const stateDir = stateFolder();
    writeFileSync(join(stateDir, "runtime"), noted);
    expect((await choose({ stateDir })).kind).toBe("local");
  });

  it("ends with the reason of the abort, and does not start another runtime then", async () => {
    const stop = new AbortController();
    // As main makes it: one that is meant for people, like an error about Docker.
    const reason = failed("interrupted", "interrupted");
    const choosing = choose({ starting: true, script: "exec /bin/sleep 30", signal: stop.signal });
    stop.abort(reason);
    await expect(choosing).rejects.toBe(reason);
  });

  it("changes nothing in the state folder", async () => {
    const stateDir = join(stateFolder(), "none");
    await choose({ stateDir, starting: true, script: working });
    await choose({ stateDir });
    expect(existsSync(stateDir)).toBe(false);
  });
});

describe("RUNTIME", () => {
  it("docker is never replaced by local: not without Docker, not for what was started last", async () => {
    const stateDir = stateFolder();
    await noteRuntime(stateDir, "local");
    for (const starting of [false, true])
      expect(await choose({ stateDir, starting, runtime: "docker" })).toEqual({ kind: "docker", said: [] });
  });

  it("local is never replaced by docker", async () => {
    const stateDir = stateFolder();
    await noteRuntime(stateDir, "docker");
    for (const starting of [false, true]) {
      const wish = { stateDir, starting, runtime: "local", script: working } as const;
      expect(await choose(wish)).toEqual({ kind: "local", said: [] });
    }
  });
});

describe("noteRuntime", () => {
  it("keeps the last one, in a folder that it makes", async () => {
    const stateDir = join(stateFolder(), "a", "b");
    await noteRuntime(stateDir, "local");
    await noteRuntime(stateDir, "docker");
    expect(readFileSync(join(stateDir, "runtime"), "utf8")).toBe("docker\n");
  });

  it("forgets it, also when there is none to forget", async () => {
    const stateDir = stateFolder();
    await noteRuntime(stateDir, "docker");
    for (const _time of [1, 2]) await forgetRuntime(stateDir, "docker");
    expect(existsSync(join(stateDir, "runtime"))).toBe(false);
    await forgetRuntime(join(stateDir, "none"), "docker");
    expect(existsSync(join(stateDir, "none"))).toBe(false);
  });
});

it("forgetRuntime leaves what was started last on the other runtime", async () => {
  const stateDir = stateFolder();
  await noteRuntime(stateDir, "docker");
  await forgetRuntime(stateDir, "local");
  expect((await choose({ stateDir })).kind).toBe("docker");
});

import { describe, expect, it, onTestFinished, vi } from "vitest";
import { compose } from "../../../../src/runtime/docker/compose.js";
import { docker, dockerError, requireEngine } from "../../../../src/runtime/docker/docker.js";
import { problemOf } from "../../../helpers/problem.js";
import { fakePrograms } from "../../../helpers/programs.js";
import { configOf } from "../../../helpers/workspace.js";

const pathWith = fakePrograms();
const { signal } = new AbortController();
/** `docker` as a shell script, the only program on PATH beside those of `more`. */
const engine = (script: string, more: Readonly<Record<string, string>> = {}) =>
  docker({ PATH: pathWith({ docker: script, ...more }) });

describe("what Docker prints becomes one clear error:", () => {
  it.each([
    [
      "docker_rights",
      'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.50/version": dial unix /var/run/docker.sock: connect: permission denied',
      "usermod",
    ],
    [
      "docker_rights",
      'Got permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.24/info": dial unix /var/run/docker.sock: connect: permission denied',
      "usermod",
    ],
    [
      "docker_rights",
      "permission denied while trying to connect to the docker API at unix:///var/run/docker.sock",
      "usermod",
    ],
    [
      "docker_down",
      "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
      "start Docker",
    ],
    // Docker 29.
    [
      "docker_down",
      "failed to connect to the docker API at unix:///var/run/docker.sock; check if the path is correct and if the daemon is running: dial unix /var/run/docker.sock: connect: no such file or directory",
      "start Docker",
    ],
    // A DOCKER_HOST that is not there is no registry that is not there.
    [
      "docker_down",
      'error during connect: Get "http://nosuchhost.invalid:2375/v1.50/version": dial tcp: lookup nosuchhost.invalid on 10.0.0.1:53: no such host',
      "start Docker",
    ],
    [
      "docker_down",
      "failed to connect to the docker API at tcp://nosuchhost.invalid:2375: lookup nosuchhost.invalid on 10.0.0.1:53: no such host",
      "start Docker",
    ],
    [
      "disk_full",
      "failed to register layer: write /usr/lib/jvm/lib/modules: no space left on device",
      "docker system df",
    ],
    [
      "port_taken",
      "Error response from daemon: driver failed programming external connectivity on endpoint p-kafka-1 (0a): Bind for 127.0.0.1:9092 failed: port is already allocated",
      "PORT_OFFSET",
    ],
    [
      "port_taken",
      "Error response from daemon: failed to set up container networking: driver failed programming external connectivity on endpoint p-kafka-1 (0a): failed to bind host port for 127.0.0.1:9092:172.20.0.2:9092/tcp: address already in use",
      "PORT_OFFSET",
    ],
    [
      "port_taken",
      "Error response from daemon: Ports are not available: exposing port TCP 127.0.0.1:9092 -> 0.0.0.0:0: listen tcp 127.0.0.1:9092: bind: address already in use",
      "PORT_OFFSET",
    ],
    [
      "image_unavailable",
      "Error response from daemon: pull access denied for vendor/s3, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
      "registry",
    ],
    [
      "image_unavailable",
      "Error response from daemon: manifest for apache/kafka:9 not found: manifest unknown: manifest unknown",
      "registry",
    ],
    [
      "image_unavailable",
      'Error response from daemon: Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io on 127.0.0.53:53: no such host',
      "registry",
    ],
    [
      "image_unavailable",
      'Error response from daemon: Get "https://registry-1.docker.io/v2/": dial tcp 34.226.69.105:443: i/o timeout',
      "registry",
    ],
    [
      "image_unavailable",
      'Error response from daemon: Get "https://registry-1.docker.io/v2/": net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)',
      "registry",
    ],
    [
      "image_unavailable",
      "ERROR: failed to solve: flink:2.1.0-java17: failed to resolve source metadata for docker.io/library/flink:2.1.0-java17: failed to do request: Head https://registry-1.docker.io/v2/library/flink/manifests/2.1.0-java17: EOF",
      "registry",
    ],
    [
      "image_unavailable",
      "Error response from daemon: toomanyrequests: You have reached your pull rate limit.",
      "registry",
    ],
    [
      "image_unavailable",
      "Error response from daemon: no such image: vendor/s3:v1: No such image: vendor/s3:v1",
      "registry",
    ],
  ])("%s for %s", (code, output, hint) => {
    const error = dockerError(["pull"], `another line before it\n${output}\nand one behind it\n`);
    expect(error).toMatchObject({ kind: "unavailable", code, exitCode: 3 });
    expect(error.message).toMatch(/^[^\n]*$/);
    expect(error.message.endsWith(`: ${output}`)).toBe(true);
    expect(error.hint).toContain(hint);
  });

  it("docker_failed for anything else, with the end of what it printed", () => {
    const output = 'a\n\nb\nc\ntime="2026-01-31T12:00:00Z" level=fatal msg="d"\ne\n';
    const error = dockerError(["image", "inspect", "x"], output);
    expect(error).toMatchObject({
      kind: "failed",
      code: "docker_failed",
      exitCode: 1,
      hint: "pipectl doctor",
    });
    expect(error.message).toBe('docker image inspect failed:\n  b\n  c\n  "d"\n  e');
  });

  it("docker_failed also when it printed nothing", () => {
    expect(dockerError(["pull"], "").message).toContain("docker pull failed");
  });

  it("which is not longer than a screen", () => {
    const long = "x".repeat(10_000);
    expect(dockerError(["pull"], long).message.length).toBeLessThan(1_000);
    expect(dockerError(["pull"], `no space left on device ${long}`).message.length).toBeLessThan(1_000);
  });

  it("which names the command of Compose, not the options before it", async () => {
    const call = compose(engine("echo odd >&2; exit 1"), configOf(), "p");
    const { message } = await problemOf(() => call(["up", "-d"]));
    expect(message.split("\n")[0]).toBe("docker compose up failed:");
  });
});

describe("docker", () => {
  it("returns what the program printed, and passes its words as they are", async () => {
    const call = engine('for word in "$@"; do echo "<$word>"; done; echo noise >&2');
    expect(await call(["inspect", "a b", "$HOME"])).toBe("<inspect>\n<a b>\n<$HOME>");
  });

  it("says that it is not installed", async () => {
    const error = await problemOf(() => docker({ PATH: pathWith({}) })(["ps"]));
    expect(error).toMatchObject({ kind: "unavailable", code: "docker_missing", exitCode: 3 });
    expect(error.message).toBe("Docker is not installed: there is no program docker on PATH");
    expect(error.hint).toContain("RUNTIME=local");
  });

  it("says of an engine that does not answer how long it waited", async () => {
    const error = await problemOf(() => engine("exec /bin/sleep 30")(["ps", "-a"], { timeoutMs: 200 }));
    expect(error).toMatchObject({ kind: "unavailable", code: "docker_timeout", exitCode: 3 });
    expect(error.message).toBe("the Docker engine does not answer: docker ps took more than 0.2 s");
  });

  it("ends with the reason of the abort, not with an error about Docker", async () => {
    const stop = new AbortController();
    const reason = new Error("interrupted");
    const running = engine("exec /bin/sleep 30")(["ps"], { signal: stop.signal });
    stop.abort(reason);
    await expect(running).rejects.toBe(reason);
  });

  it("reads an error on either output", async () => {
    const says = "write /x: no space left on device";
    for (const script of [`echo '${says}'`, `echo '${says}' >&2`])
      expect((await problemOf(() => engine(`${script}; exit 1`)(["pull", "x"]))).code).toBe("disk_full");
  });

  it("hands on where the engine is, and what a call adds to the environment", async () => {
    const path = pathWith({ docker: 'echo "$DOCKER_HOST $DOCKER_CONTEXT $TAG"' });
    const call = docker({ PATH: path, DOCKER_HOST: "tcp://engine:2376", DOCKER_CONTEXT: "far" });
    expect(await call(["ps"], { env: { TAG: "0a1b" } })).toBe("tcp://engine:2376 far 0a1b");
  });

  it("keeps the credentials out of the command line and out of every error", async () => {
    const config = configOf({ S3_ACCESS_KEY: "access-hunter2", S3_SECRET_KEY: "secret-hunter2" });
    const call = compose(
      engine(
        '[ "$S3_ACCESS_KEY $S3_SECRET_KEY" = "access-hunter2 secret-hunter2" ] && echo "$@" >&2; exit 1',
      ),
      config,
      "p",
    );
    const error = await problemOf(() => call(["config"]));
    expect(error.message).toContain("-p p");
    expect([error.message, error.hint, error.stack, String(error.cause)].join()).not.toContain("hunter2");
  });
});

describe("requireEngine", () => {
  const answering = (compose: string) => `case "$1" in version) echo 28.2.2;; compose) ${compose};; esac`;
  const noCompose = `echo "docker: 'compose' is not a docker command." >&2; exit 1`;

  it.each([
    ["2.23.1", "2.23.1"],
    ["2.32.4", "2.32.4"],
    ["v2.40.1-desktop.1", "2.40.1-desktop.1"],
    ["2.24.0+ds1-0ubuntu1", "2.24.0+ds1-0ubuntu1"],
    ["5.0.1", "5.0.1"],
  ])("takes Compose %s", async (says, version) => {
    const call = engine(answering(`echo ${says}`));
    expect(await requireEngine(call, signal)).toEqual({ engine: "28.2.2", compose: version });
  });

  it.each(["2.20.0", "v2.23.0", "2.23.0-desktop.1", "2.9.99", "1.29.2"])(
    "refuses Compose %s",
    async (says) => {
      const error = await problemOf(() => requireEngine(engine(answering(`echo ${says}`)), signal));
      expect(error).toMatchObject({ kind: "unavailable", code: "compose_version", exitCode: 3 });
      expect(error.message).toBe(
        `Docker Compose is ${says.replace("v", "")}, but docker-compose.yml needs 2.23.1 or newer`,
      );
      expect(error.hint).toContain("RUNTIME=local");
    },
  );

  it("says that Compose is missing", async () => {
    // So that no docker-compose of this machine is found.
    vi.stubEnv("PATH", pathWith({}));
    onTestFinished(() => void vi.unstubAllEnvs());
    const error = await problemOf(() => requireEngine(engine(answering(noCompose)), signal));
    expect(error).toMatchObject({ kind: "unavailable", code: "compose_missing", exitCode: 3 });
    expect(error.message).toBe("Docker is there, but Compose v2 is not: docker compose version failed");
    expect(error.hint).toContain("docker-compose-plugin");
  });

  it("says that there is only the old docker-compose, which is no Compose v2", async () => {
    const path = pathWith({ docker: answering(noCompose), "docker-compose": "echo 1.29.2" });
    vi.stubEnv("PATH", path);
    onTestFinished(() => void vi.unstubAllEnvs());
    const error = await problemOf(() => requireEngine(docker({ PATH: path }), signal));
    expect(error.code).toBe("compose_missing");
    expect(error.message).toContain("Compose v2 is not, only the old docker-compose 1.29.2");
  });

  it("says that the engine does not run, whatever Compose says", async () => {
    const down = "Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?";
    for (const compose of ["echo 2.32.4", noCompose]) {
      const script = `case "$1" in version) echo '${down}' >&2; exit 1;; compose) ${compose};; esac`;
      const error = await problemOf(() => requireEngine(engine(script), signal));
      expect(error).toMatchObject({ kind: "unavailable", code: "docker_down" });
    }
  });

  it.each(["exec /bin/sleep 30", answering("exec /bin/sleep 30")])(
    "ends with the reason of the abort, and takes nothing for missing then: %s",
    async (script) => {
      const stop = new AbortController();
      const reason = new Error("interrupted");
      const looking = requireEngine(engine(script), stop.signal);
      setTimeout(() => stop.abort(reason), 300);
      await expect(looking).rejects.toBe(reason);
    },
  );
});

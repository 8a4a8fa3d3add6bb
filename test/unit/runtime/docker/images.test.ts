import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ProgressEvent } from "../../../../src/core/report.js";
import type { Compose } from "../../../../src/runtime/docker/compose.js";
import { type Docker, dockerError } from "../../../../src/runtime/docker/docker.js";
import { flinkImageTag, missingImages, requireImages } from "../../../../src/runtime/docker/images.js";
import { temporaryFolder } from "../../../helpers/folder.js";
import { problemOf } from "../../../helpers/problem.js";
import { fakePrograms } from "../../../helpers/programs.js";

const folder = temporaryFolder();
const pathWith = fakePrograms();
const never = new AbortController().signal;

/** What an engine says of an image that it does not have, and what a registry out of reach comes to. */
const absent = (image: string) => `Error response from daemon: No such image: ${image}`;
const unreachable =
  'Error response from daemon: Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io on 127.0.0.53:53: no such host';

interface Story {
  /** Images that this machine has. */
  readonly here?: readonly string[];
  readonly scripts?: Readonly<Record<string, string>>;
  readonly javaHome?: string;
  /** What a call prints that fails, by the beginning of the call. */
  readonly failing?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

const [kafka, s3, flink] = ["apache/kafka:4.1.1", "vendor/s3:v1", "pipectl-flink:0a1b"];
/** One image for each service. */
const composeFile = [kafka, kafka, flink, flink, s3];

/** Makes sure of the images of such a file; tells what Docker, Compose and Maven were asked. */
async function story({ here = [], scripts = {}, javaHome, failing = {}, signal = never }: Story) {
  const root = join(folder, String(Math.random()));
  mkdirSync(join(root, "flink"), { recursive: true });
  const asked: string[] = [];
  const events: ProgressEvent[] = [];
  const call = async (args: readonly string[], words: string, answer = "") => {
    const failure = Object.keys(failing).find((beginning) => words.startsWith(beginning));
    if (args[1] !== "inspect") asked.push(words);
    if (failure !== undefined) throw dockerError(args, failing[failure] as string);
    return answer;
  };
  const docker: Docker = async (args) => {
    const image = args.at(-1) as string;
    if (args[1] === "inspect" && !here.includes(image)) throw dockerError(args, absent(image));
    return await call(args, `docker ${args.join(" ")}`);
  };
  const compose: Compose = async (args, options) => {
    const jars = options?.env?.FLINK_JARS === undefined ? "" : ` FLINK_JARS=${options.env.FLINK_JARS}`;
    const answer = args[0] === "config" ? `${composeFile.join("\n")}\n` : "";
    return await call(["compose", ...args], `compose ${args.join(" ")}${jars}`, answer);
  };
  const environment = { PATH: pathWith(scripts), JAVA_HOME: javaHome };
  const made = requireImages(
    { root, environment, docker, compose, tag: "0a1b" },
    (event) => events.push(event),
    signal,
  );
  const error = await made.then(
    () => undefined,
    (thrown: Error) => thrown,
  );
  const maven = () => readFileSync(join(root, "flink", "asked"), "utf8").trim();
  return { asked, events, error, maven };
}

/** Notes down in its folder what it was asked to build. */
const maven = 'case "$1" in --version) ;; *) echo "$@" > asked;; esac';
const host = { mvn: maven, javac: "" };
const published = ["apache/kafka:4.1.1", "vendor/s3:v1"];

describe("missingImages", () => {
  it("are those that the engine does not have, in their order", async () => {
    const docker: Docker = async (args) => {
      const image = args.at(-1) as string;
      if (image === "b:1") return "sha256:0\n";
      throw dockerError(args, absent(image));
    };
    expect(await missingImages(docker, ["c:1", "b:1", "a:1"], never)).toEqual(["c:1", "a:1"]);
  });

  it("are not known when the engine fails", async () => {
    const docker: Docker = async (args) => {
      throw dockerError(
        args,
        "Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?",
      );
    };
    expect((await problemOf(() => missingImages(docker, ["a:1"], never))).code).toBe("docker_down");
  });
});

describe("requireImages", () => {
  it("does nothing, and says nothing, when every image is there", async () => {
    const { asked, events, error } = await story({ here: composeFile });
    expect(error).toBeUndefined();
    expect(asked).toEqual(["compose config --images"]);
    expect(events).toEqual([]);
  });

  it("pulls a published image that is missing once, and no other", async () => {
    const { asked, error } = await story({ here: ["pipectl-flink:0a1b", "vendor/s3:v1"] });
    expect(error).toBeUndefined();
    expect(asked).toEqual(["compose config --images", "docker pull --quiet apache/kafka:4.1.1"]);
  });

  it("says of a pull that fails that the image cannot be had, and builds nothing after it", async () => {
    const { asked, error } = await story({ failing: { "docker pull": unreachable }, scripts: host });
    expect(error).toMatchObject({ kind: "unavailable", code: "image_unavailable", exitCode: 3 });
    expect(error?.message).toContain("registry-1.docker.io");
    expect(asked.filter((words) => !words.startsWith("docker pull"))).toEqual(["compose config --images"]);
  });

  it.each([
    'Get "https://registry-1.docker.io/v2/": tls: failed to verify certificate: x509: certificate signed by unknown authority',
    "no matching manifest for linux/arm64/v8 in the manifest list entries",
  ])("says so whatever is the reason of the pull that fails: %s", async (reason) => {
    const { error } = await story({ failing: { "docker pull": `Error response from daemon: ${reason}` } });
    expect(error).toMatchObject({ kind: "unavailable", code: "image_unavailable" });
    expect(error?.message).toContain(reason);
  });

  it("says of a disk that is full what takes the space", async () => {
    const failing = { "docker pull": "failed to register layer: write /usr/lib/x: no space left on device" };
    expect((await story({ failing })).error).toMatchObject({ code: "disk_full" });
  });
});

describe("the Flink image", () => {
  const build = (jars: string) => [
    "compose config --images",
    `compose build --quiet jobmanager FLINK_JARS=${jars}`,
    // What a plain `docker compose up` uses.
    "docker tag pipectl-flink:0a1b pipectl-flink:latest",
  ];

  it("is built with the jars of this machine's Maven, where there are Maven and a JDK", async () => {
    const { asked, events, error, maven: askedOfMaven } = await story({ here: published, scripts: host });
    expect(error).toBeUndefined();
    expect(asked).toEqual(build("host"));
    expect(askedOfMaven()).toBe("-q -B -ntp -Dmaven.test.skip=true -Pimage -pl image -am package");
    expect(events).toContainEqual({
      type: "step",
      text: "Building the Flink image with pipectl's jars (once)",
    });
  });

  it("is not taken for there because another one of ours is", async () => {
    const here = [...published, "pipectl-flink:old", "pipectl-flink:latest"];
    expect((await story({ here, scripts: host })).asked).toEqual(build("host"));
  });

  const jre = join(folder, "jre");
  mkdirSync(join(jre, "bin"), { recursive: true });
  it.each<[string, Story]>([
    ["Maven", { scripts: { javac: "" } }],
    ["a JDK, only a JRE", { scripts: { mvn: maven } }],
    ["a JDK where JAVA_HOME points", { scripts: host, javaHome: jre }],
    [
      "a Maven that runs",
      { scripts: { ...host, mvn: "echo 'JAVA_HOME is not defined correctly' >&2; exit 1" } },
    ],
  ])("gets its jars from a stage of its own where there is not %s", async (_what, more) => {
    const { asked, error } = await story({ here: published, ...more });
    expect(error).toBeUndefined();
    expect(asked).toEqual(build("builder"));
  });

  it("takes the JDK where JAVA_HOME points for one, also when none is on PATH", async () => {
    const jdk = join(folder, "jdk");
    mkdirSync(join(jdk, "bin"), { recursive: true });
    writeFileSync(join(jdk, "bin", "javac"), "#!/bin/sh\n", { mode: 0o755 });
    const { asked } = await story({ here: published, scripts: { mvn: maven }, javaHome: jdk });
    expect(asked).toEqual(build("host"));
  });

  const broken = {
    ...host,
    mvn: `case "$1" in --version) ;; *) echo '[ERROR] Could not resolve x: Connection refused'; exit 1;; esac`,
  };

  it("gets its jars from a stage of its own when this machine's Maven fails, with a warning that says why", async () => {
    const { asked, events, error } = await story({ here: published, scripts: broken });
    expect(error).toBeUndefined();
    expect(asked).toEqual(build("builder"));
    const warnings = events.filter(({ type }) => type === "warning").map(({ text }) => text);
    expect(warnings).toEqual([expect.stringContaining("Could not resolve x: Connection refused")]);
    expect(warnings[0]).toContain("Letting a container resolve the jars instead");
  });

  it("that cannot be built either way shows both reasons", async () => {
    const failing = {
      "compose build": "failed to solve: process did not complete successfully: exit code: 1",
    };
    const { asked, error } = await story({ here: published, scripts: broken, failing });
    expect(error).toMatchObject({ kind: "failed", code: "docker_failed" });
    expect(error?.cause).toMatchObject({
      message: expect.stringContaining("Could not resolve x: Connection"),
    });
    expect(asked).not.toContain("docker tag pipectl-flink:0a1b pipectl-flink:latest");
  });

  it("is not built in another way after Ctrl-C", async () => {
    const stop = new AbortController();
    const reason = new Error("interrupted");
    const marker = join(folder, "Maven runs");
    const mvn = `case "$1" in --version) ;; *) : > "${marker}"; exec /bin/sleep 30;; esac`;
    const made = story({ here: published, scripts: { ...host, mvn }, signal: stop.signal });
    await expect.poll(() => existsSync(marker)).toBe(true);
    stop.abort(reason);
    const { asked, error } = await made;
    expect(error).toBe(reason);
    expect(asked).toEqual(["compose config --images"]);
  });
});

describe("the tag of the Flink image", () => {
  const files = [
    "Dockerfile",
    "pom.xml",
    "cluster/pom.xml",
    "image/pom.xml",
    "cluster/src/main/java/io/pipectl/job/DeleteDates.java",
    "cluster/src/main/resources/META-INF/services/x",
    "image/bin/answers",
  ];
  const others = [
    "catalog/src/main/java/io/pipectl/catalog/CatalogServer.java",
    "cluster/src/test/java/io/pipectl/JsonTest.java",
    "cluster/target/classes/pom.xml",
    "image/target/jars/iceberg.jar",
  ];
  const put = (root: string, name: string) => {
    mkdirSync(dirname(join(root, "flink", name)), { recursive: true });
    writeFileSync(join(root, "flink", name), name);
  };
  const project = (name: string) => {
    const root = join(folder, name);
    for (const file of [...files, ...others]) put(root, file);
    return root;
  };

  it.each(files)("changes when %s does, and comes back with it", async (file) => {
    const root = project(`tag ${file.replaceAll("/", " ")}`);
    const before = await flinkImageTag(root);
    appendFileSync(join(root, "flink", file), "\n");
    expect(await flinkImageTag(root)).not.toBe(before);
    put(root, file);
    expect(await flinkImageTag(root)).toBe(before);
  });

  it.each(others)("stays when %s changes, which is not in the image", async (file) => {
    const root = project(`tag ${file.replaceAll("/", " ")}`);
    const before = await flinkImageTag(root);
    appendFileSync(join(root, "flink", file), "\n");
    expect(await flinkImageTag(root)).toBe(before);
  });

  it("changes also in a clone below a folder that is called target", async () => {
    const root = project("target/clone");
    const before = await flinkImageTag(root);
    appendFileSync(join(root, "flink", "Dockerfile"), "\n");
    expect(await flinkImageTag(root)).not.toBe(before);
  });

  it("changes with a file that is new, and is a tag that Docker takes, the same in every clone", async () => {
    const root = project("tag one");
    const tag = await flinkImageTag(root);
    expect(tag).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/);
    expect(await flinkImageTag(project("tag two"))).toBe(tag);
    put(root, "cluster/src/main/java/io/pipectl/New.java");
    expect(await flinkImageTag(root)).not.toBe(tag);
  });
});

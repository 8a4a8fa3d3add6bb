import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { KeyDefinition } from "../../../../src/config/key.js";
import { keys } from "../../../../src/config/schema.js";
import { compose } from "../../../../src/runtime/docker/compose.js";
import { patientFlink } from "../../../../src/runtime/local/conf.js";
import { root } from "../../../helpers/folder.js";
import { configOf } from "../../../helpers/workspace.js";

interface Service {
  readonly image: string;
  readonly user?: string;
  readonly ports?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[]; readonly disable?: boolean };
  readonly mem_limit?: string;
  readonly cap_drop?: readonly string[];
  readonly cap_add?: readonly string[];
  readonly privileged?: boolean;
  readonly security_opt?: readonly string[];
  readonly configs?: readonly { readonly source: string; readonly target: string }[];
  readonly environment?: Readonly<Record<string, unknown>>;
  readonly volumes?: readonly string[];
}
const text = readFileSync(join(root, "docker-compose.yml"), "utf8");
const services = Object.entries(parse(text, { merge: true }).services as Record<string, Service>);
/** All but the one that prepares the volumes and ends. */
const lasting = services.filter(([name]) => name !== "storage");
/** Name and default of each ${VARIABLE:-default}, `undefined` where there is none. */
const variables = [...text.matchAll(/(?<!\$)\$\{([A-Za-z0-9_]+)(?::-([^}]*))?/g)].map(
  ([, name, fallback]) => [name as string, fallback] as const,
);

describe("docker-compose.yml", () => {
  it("has every service of the stack", () => {
    expect(lasting.map(([name]) => name).sort()).toEqual(
      ["catalog", "gateway", "jobmanager", "kafka", "s3", "taskmanager"].sort(),
    );
  });

  it.each(services)("%s: the image is of one version", (_name, { image }) => {
    // Ours has no version: pipectl gives it the tag of its sources.
    expect(image).toMatch(/^[a-z0-9/.-]+:v?\d+\.\d+\.\d+$|^pipectl-flink:\$\{FLINK_IMAGE_TAG:-latest\}$/);
  });

  it.each(services)("%s: runs without any right to spare, and not as root", (_name, service) => {
    expect(service.cap_drop).toEqual(["ALL"]);
    expect(service.cap_add).toBeUndefined();
    expect(service.privileged).toBeUndefined();
    expect(service.security_opt).toContain("no-new-privileges:true");
    expect(service.user ?? "").not.toMatch(/^(root|0)(:|$)/);
  });

  it.each(["catalog", "jobmanager", "taskmanager", "gateway"])(
    "%s: its JVM forgets at once that a service's name was missing",
    (name) => {
      const service = services.find(([one]) => one === name)?.[1];
      const options = Object.entries(service?.environment ?? {}).filter(([key]) => /JAVA|JVM/.test(key));
      expect(options).toHaveLength(1);
      const file = /-Djava\.security\.properties=(\S+)/.exec(String(options[0]?.[1]))?.[1];
      const source = service?.configs?.find(({ target }) => target === file)?.source as string;
      expect(parse(text).configs[source].content).toContain("networkaddress.cache.negative.ttl=0\n");
    },
  );

  it.each(services)("%s: is published on the loopback address only", (_name, { ports = [] }) => {
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\$\{[A-Z0-9]+_PORT:-\d+\}:\d+$/);
  });

  it.each(services)("%s: mounts no folder of this machine", (_name, { volumes = [] }) => {
    for (const volume of volumes) expect(volume).toMatch(/^[a-z0-9]+:\//);
  });

  it.each(lasting)("%s: has a health check and an end to its memory", (_name, service) => {
    expect(service.healthcheck?.test.length).toBeGreaterThan(1);
    expect(service.healthcheck?.disable).toBeUndefined();
    expect(service.mem_limit).toMatch(/^(\d+[mg]|\$\{TASK_PROCESS_MB:-\d+\}m)$/);
  });

  it("publishes something, and the services that are not for this machine not", () => {
    const published = services.filter(([, { ports = [] }]) => ports.length > 0).map(([name]) => name);
    expect(published.sort()).toEqual(["catalog", "gateway", "jobmanager", "kafka", "s3"]);
  });

  it("holds no credential: each comes from outside, and has no default", () => {
    const named = services.flatMap(([name, { environment = {} }]) =>
      Object.entries(environment)
        .filter(([key]) => /KEY|SECRET|PASSWORD|TOKEN|CREDENTIAL/i.test(key))
        .map(([key, value]) => [`${name}.${key}`, String(value)] as const),
    );
    expect(named.length).toBeGreaterThanOrEqual(8);
    for (const [where, value] of named)
      expect(value, where).toMatch(/^\$\{S3_(ACCESS|SECRET)_KEY:\?[^}]*\}$/);
    for (const [name, fallback] of variables.filter(([name]) => /KEY/.test(name)))
      expect(fallback, name).toBeUndefined();
    // What Flink and the catalog read as settings is shown by their REST APIs.
    expect(text).not.toMatch(/(secret|access)[.-]?(access)?[.-]?key(-id)?\s*[:=]/);
  });
});

describe("the variables of docker-compose.yml", async () => {
  let given: Readonly<Record<string, string>> = {};
  const docker = async (_args: unknown, options?: { readonly env?: Readonly<Record<string, string>> }) => {
    given = options?.env ?? {};
    return "";
  };
  await compose(docker, configOf(), "p")(["config"]);

  it.each([...new Set(variables.map(([name]) => name))])("%s is one that pipectl sets", (name) => {
    // FLINK_JARS is set for a build only.
    expect([...Object.keys(given), "FLINK_JARS"]).toContain(name);
  });

  it.each(Object.keys(given))("%s, which pipectl sets, is one of them", (name) => {
    expect(variables.map(([variable]) => variable)).toContain(name);
  });

  it.each(variables.filter(([name, fallback]) => fallback !== undefined && name !== "FLINK_JARS"))(
    "%s is %s without pipectl, too: a plain `docker compose up` is the same stack",
    (name, fallback) => {
      expect(fallback).toBe(given[name]);
      const definition = (keys as Record<string, KeyDefinition>)[name];
      if (definition !== undefined) expect(fallback).toBe(definition.default);
    },
  );
});

const propertiesOf = ({ environment }: Service) =>
  new Map(
    String(environment?.FLINK_PROPERTIES)
      .trim()
      .split("\n")
      .map((line) => line.split(": ") as [string, string]),
  );

it.each(["jobmanager", "taskmanager", "gateway"])(
  "%s: waits for other processes of Flink as long as on this machine",
  (name) => {
    const service = services.find(([one]) => one === name)?.[1] as Service;
    expect(Object.fromEntries(propertiesOf(service))).toMatchObject(patientFlink);
  },
);

describe("the memory of a TaskManager", () => {
  const taskManager = services.find(([name]) => name === "taskmanager")?.[1] as Service;
  const properties = propertiesOf(taskManager);
  // Flink 2.1's defaults of what the file leaves out.
  const defaults: Readonly<Record<string, string>> = {
    "framework.heap.size": "128m",
    "framework.off-heap.size": "128m",
    "jvm-metaspace.size": "256m",
  };
  const megabytes = (part: string) => {
    const size = properties.get(`taskmanager.memory.${part}`) ?? defaults[part] ?? "";
    return Number(/^(\d+)m$/.exec(size)?.[1]);
  };

  it("leaves the jobs the heap that TASK_HEAP_MB says", async () => {
    const parts = [
      "task.off-heap.size",
      "network.max",
      "managed.size",
      "jvm-overhead.max",
      ...Object.keys(defaults),
    ];
    const beside = parts.map(megabytes).reduce((sum, size) => sum + size, 0);
    let processMb = "";
    const docker = async (_args: unknown, options?: { readonly env?: Readonly<Record<string, string>> }) => {
      processMb = options?.env?.TASK_PROCESS_MB ?? "";
      return "";
    };
    await compose(docker, configOf({ TASK_HEAP_MB: "777" }), "p")(["config"]);
    expect(Number(processMb) - beside).toBe(777);
  });

  it("has parts of one size, and a container that is as large as the process", () => {
    for (const part of ["network", "jvm-overhead"])
      expect(megabytes(`${part}.min`)).toBe(megabytes(`${part}.max`));
    expect(properties.get("taskmanager.memory.process.size")).toBe(taskManager.mem_limit);
  });
});

describe("flink/Dockerfile", () => {
  const dockerfile = readFileSync(join(root, "flink", "Dockerfile"), "utf8");

  it("begins with images of one version, and ends as a user that is not root", () => {
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image as string);
    const foreign = bases.filter((image) => !/^(scratch|\$\{JARS\})$/.test(image));
    expect(foreign.length).toBeGreaterThanOrEqual(2);
    for (const image of foreign) expect(image).toMatch(/^[a-z0-9/.-]+:\d+\.\d+\.\d+-[a-z0-9-]+$/);
    expect([...dockerfile.matchAll(/^USER (\S+)/gm)].at(-1)?.[1]).toBe("flink");
  });

  it("has the Flink that pom.xml says", () => {
    const pom = readFileSync(join(root, "flink", "pom.xml"), "utf8");
    const version = /<flink\.version>([^<]+)</.exec(pom)?.[1];
    expect(dockerfile).toContain(`FROM flink:${version}-java17\n`);
    for (const [, named] of dockerfile.matchAll(/flink-s3-fs-hadoop-([\d.]+)\.jar/g))
      expect(named).toBe(version);
  });
});

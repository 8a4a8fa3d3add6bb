import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse as parseEnv } from "dotenv";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import type { KeyDefinition } from "../../src/config/key.js";
import { loadConfig } from "../../src/config/load.js";
import { keys } from "../../src/config/schema.js";
import { projectRoot } from "../helpers/environment.js";
import { type Container, folder, type KubernetesObject, kustomization, objects, pods, the } from "./files.js";
import { check, install } from "./schemas.js";

const flink = the("FlinkDeployment", "pipectl-flink").spec as {
  readonly flinkConfiguration: Readonly<Record<string, string>>;
  readonly jobManager: { readonly resource: { readonly memory: string } };
  readonly taskManager: { readonly resource: { readonly memory: string } };
};
const settings = the("ConfigMap", "pipectl-settings").data as Readonly<Record<string, string>>;
const secrets = the("Secret", "pipectl-secrets").stringData as Readonly<Record<string, string>>;
const mounted = "/run/secrets/pipectl";

beforeAll(install, 180_000);

describe("the schemas", () => {
  it("know every object, and every field of it", async () => {
    const found = await check(objects.map(({ object }) => object));
    expect(found.flatMap((problems, i) => problems.map((problem) => [objects[i]?.file, problem]))).toEqual(
      [],
    );
  });

  const wrong: readonly (readonly [kind: string, path: string, value: unknown])[] = [
    ["FlinkDeployment", "spec.flinkVersoin", "v2_1"],
    ["FlinkDeployment", "spec.flinkVersion", "v2_9"],
    ["FlinkDeployment", "spec.mode", "alone"],
    ["FlinkDeployment", "spec.jobManager.replica", 1],
    ["FlinkDeployment", "spec.jobManager.replicas", "one"],
    ["FlinkDeployment", "spec.jobManager.resource.cpus", 1],
    ["FlinkDeployment", "spec.podTemplate.spec.containers.0.envs", []],
    ["FlinkDeployment", "spec.podTemplate.spec.containers.0.env.1.valueFrom.secretKeyRef.optional", "yes"],
    ["ConfigMap", "data.PARALLELISM", 3],
    ["Deployment", "spec.template.spec.containers.0.readyProbe", {}],
    ["Deployment", "spec.replicas", "one"],
    ["Service", "spec.ports.0.prot", 8083],
    ["CronJob", "spec.jobTemplate.spec.backofLimit", 0],
    ["CronJob", "spec.jobTemplate.spec.template.spec.containers.0.securityContext.runAsNonroot", true],
    ["NetworkPolicy", "spec.ingres", []],
    ["Secret", "stringdata", {}],
  ];

  it("find each field that is misspelt or of another kind", async () => {
    const found = await check(
      wrong.map(([kind, path, value]) => {
        const { object } = objects.find((one) => one.object.kind === kind) as { object: KubernetesObject };
        return changed(object, path, value);
      }),
    );
    for (const [i, [, path]] of wrong.entries())
      expect(found[i]?.join("\n"), path).toContain(path.split(".").at(-1));
  });
});

describe("kustomization.yaml", () => {
  const resources = objects.map(({ file }) => file).filter((file) => file !== "secret.example.yaml");

  it("has every file but the example of a secret", () => {
    expect([...kustomization.resources].sort()).toEqual([...new Set(resources)].sort());
  });

  it("makes the same objects of them, in a namespace, with images that can be pulled", async (context) => {
    const built = await execa("kubectl", ["kustomize", folder], { reject: false });
    // Nothing else here needs kubectl.
    if (built.code === "ENOENT") return context.skip("there is no kubectl");
    expect(built.stderr).toBe("");
    const found = parseAllDocuments(built.stdout).map((document) => document.toJS() as KubernetesObject);
    expect(found.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort()).toEqual(
      objects
        .flatMap(({ file, object: { kind, metadata } }) =>
          resources.includes(file) ? [`${kind} ${metadata.name}`] : [],
        )
        .sort(),
    );
    for (const { metadata } of found) expect(metadata).toMatchObject({ namespace: kustomization.namespace });
    const images = [...built.stdout.matchAll(/image: (\S+)/g)].map(([, image]) => image);
    expect(images).toHaveLength(5);
    for (const image of images) expect(image).toMatch(/^registry\.example\/pipectl(-flink)?:\d+\.\d+\.\d+$/);
    expect((await check(found)).flat()).toEqual([]);
  });
});

describe("the settings", () => {
  const known = parseEnv(readFileSync(join(projectRoot, ".env.example")));
  const files = mkdtempSync(join(tmpdir(), "pipectl-secrets-"));
  afterAll(() => rmSync(files, { recursive: true }));

  it.each(Object.keys(settings))("%s is a key of pipectl, or names the file of one", (name) => {
    const secret = (keys as Record<string, KeyDefinition>)[name.replace(/_FILE$/, "")]?.secret === true;
    expect(Object.keys(known)).toContain(secret ? name.replace(/_FILE$/, "") : name);
    if (secret) expect(name).toMatch(/_FILE$/);
  });

  it("are what pipectl takes, with the files of the secret", () => {
    for (const [name, text] of Object.entries(secrets)) writeFileSync(join(files, name), text);
    const environment = Object.fromEntries(
      Object.entries(settings).map(([name, value]) => [name, value.replace(mounted, files)]),
    );
    const { values } = loadConfig({
      root: files,
      environment: { RUNTIME: "remote", SUBMIT_VIA: "gateway", ...environment },
    });
    expect(values.KAFKA_PASSWORD).toBe(secrets["kafka-password"]);
  });

  it("lead to the services that the files make", () => {
    const { spec } = the("Service", "pipectl-gateway");
    expect(settings.FLINK_URL).toBe("http://pipectl-flink-rest:8081");
    expect(settings.GATEWAY_URL).toBe("http://pipectl-gateway:8083");
    const { selector, ports } = spec as { selector: unknown; ports: readonly { port: number }[] };
    expect(ports.map(({ port }) => port)).toEqual([8083]);
    const { template } = the("Deployment", "pipectl-gateway").spec as {
      template: { metadata: { labels: unknown } };
    };
    expect(template.metadata.labels).toMatchObject(selector as object);
  });

  it("name the checkpoints and the parallelism that Flink's own settings name", () => {
    expect(settings.CHECKPOINT_DIR).toBe(flink.flinkConfiguration["execution.checkpointing.dir"]);
    expect(settings.PARALLELISM).toBe(flink.flinkConfiguration["parallelism.default"]);
  });
});

describe("the secret", () => {
  it("is an example: nothing in it could be one", () => {
    for (const value of Object.values(secrets)) expect(value).toMatch(/CHANGE[-:]ME/);
  });

  it("has each entry that the files name, and no other", () => {
    const asFiles = Object.values(settings).flatMap((value) =>
      value.startsWith(`${mounted}/`) ? [value.slice(mounted.length + 1)] : [],
    );
    const asVariables = containers.flatMap(([, { env = [] }]) =>
      env.flatMap(({ valueFrom }) => (valueFrom?.secretKeyRef ? [valueFrom.secretKeyRef.key] : [])),
    );
    expect([...new Set([...asFiles, ...asVariables])].sort()).toEqual(Object.keys(secrets).sort());
  });

  it("is the only place of one: no variable has its value in a file", () => {
    for (const [where, { env = [] }] of containers)
      for (const { name, value } of env)
        if (/KEY|SECRET|PASSWORD|TOKEN|CREDENTIAL/.test(name))
          expect(value, `${where} ${name}`).toBeUndefined();
  });
});

const containers = pods.flatMap(([pod, spec]) =>
  spec.containers.map((container) => [`${pod}, ${container.name}`, container] as const),
);

describe("pods", () => {
  it.each(pods)("of %s are not root, and take no settings from other services", (_name, pod) => {
    expect(pod.securityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
    });
    expect(pod.enableServiceLinks).toBe(false);
  });

  it.each(containers)("%s has no right to spare", (_name, { securityContext }) => {
    expect(securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
    });
    expect(securityContext.privileged).toBeUndefined();
  });

  const own = pods.filter(([name]) => !name.startsWith("FlinkDeployment"));
  it.each(own)("of %s write to volumes only, have limits and no token", (_name, pod) => {
    expect(pod.automountServiceAccountToken).toBe(false);
    for (const { resources, securityContext } of pod.containers) {
      expect(securityContext.readOnlyRootFilesystem).toBe(true);
      expect(resources?.limits.memory).toMatch(/^\d+[MG]i$/);
      expect(resources?.requests).toHaveProperty("cpu");
    }
  });

  it("of the jobs differ by the command only", () => {
    const [process, ...others] = ["process", "validate", "maintain"].map((name) => {
      const { jobTemplate } = structuredClone(the("CronJob", `pipectl-${name}`).spec) as {
        jobTemplate: {
          spec: { activeDeadlineSeconds: number; template: { spec: { containers: Container[] } } };
        };
      };
      expect(jobTemplate.spec.template.spec.containers[0]?.args?.[0]).toBe(name);
      return changed(
        changed(jobTemplate, "spec.template.spec.containers.0.args", []),
        "spec.activeDeadlineSeconds",
        0,
      );
    });
    expect(others).toEqual([process, process]);
  });
});

describe("Flink's settings", () => {
  const compose = parse(readFileSync(join(projectRoot, "docker-compose.yml"), "utf8"), { merge: true });
  const { environment } = compose.services.taskmanager as { environment: Record<string, string> };
  const lines = (environment.FLINK_PROPERTIES ?? "").trim().split("\n");
  const theirs = Object.fromEntries(
    lines.map((line) => line.replace(/\$\{[A-Z_]+:-([^}]*)\}/, "$1").split(": ") as [string, string]),
  );

  it("are those of docker-compose.yml, but for addresses and storage", () => {
    const { flinkConfiguration, jobManager, taskManager } = flink;
    const ours: Record<string, string> = {
      ...flinkConfiguration,
      "jobmanager.memory.process.size": jobManager.resource.memory,
      "taskmanager.memory.process.size": taskManager.resource.memory,
    };
    const different = Object.keys({ ...theirs, ...ours }).filter((key) => ours[key] !== theirs[key]);
    expect(different.sort()).toEqual([
      "env.java.opts.jobmanager",
      "env.java.opts.taskmanager",
      "execution.checkpointing.dir",
      "execution.checkpointing.savepoint-dir",
      "high-availability.storageDir",
      "high-availability.type",
      "jobmanager.rpc.address",
      "rest.address",
      "s3.directory.marker.retention",
      "s3.endpoint",
      "s3.path.style.access",
      "web.cancel.enable",
    ]);
  });

  it("have the JVM options of docker-compose.yml, but for the names of services", () => {
    const { jobmanager, taskmanager, gateway } = compose.services;
    const withoutNames = (text: string) => text.replace(/ -Djava\.security\.properties=\S+/, "");
    const options = flink.flinkConfiguration;
    expect(options["env.java.opts.jobmanager"]).toBe(
      withoutNames(jobmanager.environment.FLINK_ENV_JAVA_OPTS_JM),
    );
    expect(options["env.java.opts.taskmanager"]).toBe(
      withoutNames(taskmanager.environment.FLINK_ENV_JAVA_OPTS_TM),
    );
    const [, { env = [] }] = containers.find(([name]) => name.endsWith(", gateway")) as [string, Container];
    expect(env.find(({ name }) => name === "JVM_ARGS")?.value).toBe(
      withoutNames(gateway.environment.JVM_ARGS),
    );
  });
});

/** A copy with another value at the path. */
function changed<T>(object: T, path: string, value: unknown): T {
  const copy = structuredClone(object);
  const steps = path.split(".");
  const last = steps.pop() as string;
  // biome-ignore lint/suspicious/noExplicitAny: any object
  const parent = steps.reduce((at: any, step) => at[step], copy);
  parent[last] = value;
  return copy;
}

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { projectRoot } from "../helpers/environment.js";

export const folder = join(projectRoot, "deploy", "kubernetes");
const names = readdirSync(folder).filter((name) => name.endsWith(".yaml"));

/** What every one of the objects has of the fields that the tests look at. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: Readonly<Record<string, string>>;
}

export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly args?: readonly string[];
  readonly env?: readonly EnvVar[];
  readonly envFrom?: readonly { readonly configMapRef: { readonly name: string } }[];
  readonly resources?: Readonly<Record<"requests" | "limits", Readonly<Record<string, string>>>>;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
}

interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: Readonly<Record<"configMapKeyRef" | "secretKeyRef", { name: string; key: string }>>;
}

export interface PodSpec {
  readonly automountServiceAccountToken?: boolean;
  readonly enableServiceLinks?: boolean;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly containers: readonly Container[];
  readonly volumes?: readonly Readonly<Record<string, unknown>>[];
}

/** The objects of a file, as kubectl reads them: by YAML 1.1, where `0440` and `on` are no texts. */
export function objectsIn(name: string): KubernetesObject[] {
  return parseAllDocuments(readFileSync(join(folder, name), "utf8"), { version: "1.1" }).map((document) => {
    for (const problem of [...document.errors, ...document.warnings]) throw problem;
    return document.toJS() as KubernetesObject;
  });
}

/** What Kustomize reads, and no API server. */
const forKustomize = ["kustomization.yaml", "flink-image.yaml"];

/** Every object, with its file. */
export const objects = names
  .filter((name) => !forKustomize.includes(name))
  .flatMap((file) => objectsIn(file).map((object) => ({ file, object })));

export const [kustomization] = objectsIn("kustomization.yaml") as unknown as [
  {
    readonly resources: readonly string[];
    readonly configurations: readonly string[];
    readonly namespace: string;
  },
];

export function the(kind: string, name: string): KubernetesObject {
  const found = objects.find(({ object }) => object.kind === kind && object.metadata.name === name);
  if (found === undefined) throw new Error(`there is no ${kind} ${name}`);
  return found.object;
}

/** Each pod that comes of the files, by the object that makes it. */
export const pods = objects.flatMap(({ object: { kind, metadata, spec } }) => {
  const found = podOf(kind, spec);
  return found === undefined ? [] : [[`${kind} ${metadata.name}`, found] as const];
});

function podOf(kind: string, spec: unknown): PodSpec | undefined {
  type Template = { readonly template: { readonly spec: PodSpec } };
  if (kind === "Deployment") return (spec as Template).template.spec;
  if (kind === "CronJob") return (spec as { jobTemplate: { spec: Template } }).jobTemplate.spec.template.spec;
  if (kind === "FlinkDeployment") return (spec as { podTemplate: { spec: PodSpec } }).podTemplate.spec;
  return undefined;
}

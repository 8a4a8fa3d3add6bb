import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { parse } from "yaml";
import { projectRoot } from "../helpers/environment.js";

/** Of Kubernetes itself: the oldest that the files are for, and the newest that the package has. */
export const kubernetesVersions = ["1.29.0", "1.37.0"];

/** The newest of the operator's API that the package registry has; see `knowsFlink21`. */
const operator = "org.apache.flink:flink-kubernetes-operator-api:1.10.0";
const crd = "META-INF/fabric8/flinkdeployments.flink.apache.org-v1.yml";

const folder = join(projectRoot, ".pipectl", "kubernetes-1");
const python = join(folder, "bin", "python");
const script = join(projectRoot, "test", "kubernetes", "check.py");

type Schema = Readonly<Record<string, unknown>> & { readonly properties?: Readonly<Record<string, Schema>> };

/** What checks the files, and the schemas to check them with: from package registries, and none of it is in this repository. */
export async function install(): Promise<void> {
  if (existsSync(join(folder, "ready"))) return;
  await Promise.all([
    execa("python3", ["-m", "venv", folder]).then(() =>
      execa(python, ["-m", "pip", "install", "-q", "kubernetes-validate==1.37.0", "jsonschema==4.26.0"]),
    ),
    execa("mvn", [
      "-q",
      "-B",
      "-ntp",
      "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:unpack",
      `-Dartifact=${operator}`,
      `-Dmdep.unpack.includes=${crd}`,
      `-DoutputDirectory=${folder}`,
    ]),
  ]);
  await execa("touch", [join(folder, "ready")]);
}

/**
 * The operator's own schema of a FlinkDeployment, made strict. Another one, say that of the operator in your cluster
 * (`kubectl get crd flinkdeployments.flink.apache.org -o yaml`), is taken from the file that FLINK_OPERATOR_CRD names.
 */
function flinkDeployment(): Schema {
  const theirs = process.env.FLINK_OPERATOR_CRD;
  const [version] = parse(readFileSync(theirs ?? join(folder, crd), "utf8")).spec.versions;
  const schema = strict(version.schema.openAPIV3Schema, true);
  return theirs === undefined ? knowsFlink21(schema) : schema;
}

/**
 * What is wrong with each object, by the schemas; nothing may stand in one that they do not know.
 * Kubernetes itself would leave out an unknown field, and say nothing.
 */
export async function check(objects: readonly unknown[]): Promise<string[][]> {
  const asked = { versions: kubernetesVersions, crds: { FlinkDeployment: flinkDeployment() }, objects };
  const { stdout } = await execa(python, [script], { input: JSON.stringify(asked) });
  return JSON.parse(stdout) as string[][];
}

/** As an API server with strict validation reads a schema. */
function strict(schema: Schema, top = false): Schema {
  if (schema["x-kubernetes-preserve-unknown-fields"] === true) return schema;
  const nested = (value: unknown) => strict(value as Schema);
  const { properties, items, additionalProperties } = schema;
  // The first three fields of any object are not the schema's business.
  const common = top ? { apiVersion: { type: "string" }, kind: { type: "string" }, metadata: {} } : {};
  return {
    ...schema,
    ...(items === undefined ? {} : { items: nested(items) }),
    ...(typeof additionalProperties === "object"
      ? { additionalProperties: nested(additionalProperties) }
      : {}),
    ...(properties === undefined
      ? {}
      : {
          properties: {
            ...Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, nested(one)])),
            ...common,
          },
          additionalProperties: false,
        }),
  };
}

/** Version 1.13 of the operator added these names to its list, and the registry's newest is older than that. */
function knowsFlink21(schema: Schema): Schema {
  const { spec } = schema.properties ?? {};
  const { flinkVersion } = spec?.properties ?? {};
  const known = flinkVersion?.enum as readonly string[];
  const names = [...new Set([...known, "v2_0", "v2_1"])];
  const properties = { ...spec?.properties, flinkVersion: { ...flinkVersion, enum: names } };
  return { ...schema, properties: { ...schema.properties, spec: { ...spec, properties } } };
}

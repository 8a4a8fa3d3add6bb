import type { Config } from "../../config/load.js";
import { run } from "../../core/exec.js";
import { type Finding, finding } from "../../core/finding.js";
import { findJava, javaEnvironment } from "../jvm/java.js";

/** Checks what a remote stack needs of this machine: Java and Maven, if pipectl starts a JVM. */
export async function diagnoseRemote({ values, environment }: Config): Promise<Finding[]> {
  const why =
    values.GATEWAY_URL === ""
      ? "GATEWAY_URL names no gateway"
      : "SUBMIT_VIA=sql-client starts Flink's SQL client";
  if (values.GATEWAY_URL !== "" && values.SUBMIT_VIA === "gateway") return [];
  return await Promise.all([
    finding("Java", async () => {
      const java = await findJava(environment);
      return { status: "ok", detail: `Java ${java.major} (${java.file}), because ${why}` };
    }),
    finding("Maven", async () => {
      await run("mvn", ["--version"], { env: javaEnvironment(environment), timeoutMs: 30_000 });
      return { status: "ok", detail: "is there" };
    }),
  ]);
}

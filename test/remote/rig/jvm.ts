import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { argumentFile } from "../../../src/runtime/jvm/argument-file.js";
import { marker } from "../../../src/runtime/jvm/processes.js";
import { type ServerProcess, startProcess } from "./process.js";

export interface Jvm {
  readonly name: string;
  readonly classPath: readonly string[];
  readonly jvm: readonly string[];
  readonly main: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export const javaFile = () => (process.env.JAVA_HOME ? join(process.env.JAVA_HOME, "bin", "java") : "java");

/** For a server that logs by log4j: into a file, which Flink's REST API serves, too. */
const log4j = `rootLogger.level = INFO
rootLogger.appenderRef.file.ref = File
appender.file.name = File
appender.file.type = File
appender.file.fileName = \${sys:log.file}
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d{HH:mm:ss,SSS} %-5p %c{1} - %m%n
`;

/** A JVM with its argument file, its log and its output in `folder`, and a mark by which `.ci/run` finds it if it stays. */
export function startJvm(folder: string, jvm: Jvm): ServerProcess {
  mkdirSync(folder, { recursive: true });
  const conf = join(folder, "log4j.properties");
  writeFileSync(conf, log4j);
  const log = join(folder, `${jvm.name}.log`);
  const paths = { cluster: jvm.classPath, gateway: [], broker: [], catalog: [] };
  const words = argumentFile({ ...jvm, classPath: "cluster" }, paths, { conf, file: log }, [
    `-Dlog.file=${log}`,
  ]);
  const args = join(folder, `${jvm.name}.args`);
  writeFileSync(args, words, { mode: 0o600 });
  return startProcess(folder, jvm.name, [javaFile(), ...marker(jvm.name, folder), `@${args}`], jvm.env);
}

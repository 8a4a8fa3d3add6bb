import { existsSync } from "node:fs";
import { join } from "node:path";
import { messageOf, unavailable } from "../../core/errors.js";
import { type Environment, run, variables } from "../../core/exec.js";

export interface Java {
  /** Path or name of the `java` program. */
  readonly file: string;
  readonly major: number;
  /** The whole output of `java -version`, which differs between builds. */
  readonly version: string;
}

/** The part of the environment that Java and Maven get. They are looked up on its PATH, so that a test can hide one. */
export const javaEnvironment = (environment: Environment) =>
  variables(environment, /^(PATH|JAVA_HOME|HOME|MAVEN_OPTS)$/);

/** Flink 2.1 runs on 17 and 21; Hadoop's classes, which Iceberg needs, fail from 24 on (no Security Manager). */
const oldest = 17;
const newest = 23;

/**
 * The Java to run the stack with: JAVA_HOME's, else the one on PATH.
 *
 * @throws PipectlError (unavailable) `java_missing`, `java_version`
 */
export async function findJava(environment: Environment): Promise<Java> {
  const home = environment.JAVA_HOME;
  const file = home ? join(home, "bin", "java") : "java";
  const hint = `install Java ${oldest} or 21 and set JAVA_HOME, then: pipectl doctor`;
  if (home && !existsSync(file)) {
    throw unavailable("java_missing", `JAVA_HOME is ${home}, but there is no ${file}`, { hint });
  }
  const result = await run(file, ["-version"], {
    env: javaEnvironment(environment),
    timeoutMs: 20_000,
  }).catch((error) => {
    const why = home
      ? `${file} cannot be run: ${messageOf(error)}`
      : "there is no Java on this machine: JAVA_HOME is not set and java is not on PATH";
    throw unavailable("java_missing", why, {
      hint,
      cause: error,
    });
  });
  // `openjdk version "17.0.15" 2025-04-15`; before 9 it was "1.8.0_292".
  const version = /version "(?:1\.)?(\d+)/.exec(result.stderr)?.[1];
  if (result.exitCode !== 0 || version === undefined) {
    throw unavailable("java_missing", `${file} -version failed: ${result.stderr.split("\n")[0]}`, { hint });
  }
  const major = Number(version);
  if (major < oldest || major > newest) {
    throw unavailable(
      "java_version",
      `${file} is Java ${major}, but Flink 2.1 needs Java ${oldest} to ${newest}`,
      { hint },
    );
  }
  return { file, major, version: result.stderr };
}

import { join } from "node:path";
import { failed, PipectlError, unavailable } from "../../core/errors.js";
import { type Environment, run } from "../../core/exec.js";
import type { Report } from "../../core/report.js";
import { ticking } from "../../core/ticking.js";
import { javaEnvironment } from "./java.js";

/**
 * Runs Maven in `flink/`, without its tests.
 *
 * @param args goals and options
 * @throws PipectlError (unavailable) `maven_missing`; (failed) `maven_failed` with Maven's own error lines
 */
export async function maven(
  folder: string,
  args: readonly string[],
  environment: Environment,
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  const env = javaEnvironment(environment);
  const words = ["-q", "-B", "-ntp", "-Dmaven.test.skip=true", ...args];
  try {
    const result = await ticking("Maven", 900_000, report, (timeoutMs) =>
      run("mvn", words, { cwd: folder, env, timeoutMs, signal }),
    );
    if (result.exitCode !== 0) {
      const errors = `${result.stdout}\n${result.stderr}`
        .split("\n")
        .filter(
          (line) =>
            line.startsWith("[ERROR]") && line.length > 9 && !/Re-run|\[Help|For more information/.test(line),
        );
      throw failed(
        "maven_failed",
        `Maven could not resolve ${join(folder, "pom.xml")}:\n${errors.slice(0, 4).join("\n")}`,
        { hint: `cd ${folder} && mvn -Dmaven.test.skip=true ${args.join(" ")}` },
      );
    }
  } catch (error) {
    if (error instanceof PipectlError && error.code === "program_missing") {
      throw unavailable("maven_missing", "there is no Maven on this machine: mvn is not on PATH", {
        hint: "install Maven 3.8 or newer, then: pipectl doctor",
        cause: error,
      });
    }
    throw error;
  }
}

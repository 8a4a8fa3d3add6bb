import { existsSync } from "node:fs";
import { join } from "node:path";
import { messageOf, PipectlError, unavailable } from "../../core/errors.js";
import { type Environment, run } from "../../core/exec.js";
import { fingerprint } from "../../core/fingerprint.js";
import type { Report } from "../../core/report.js";
import { ticking } from "../../core/ticking.js";
import { javaEnvironment } from "../jvm/java.js";
import { maven } from "../jvm/maven.js";
import type { Compose } from "./compose.js";
import { type Docker, linesOf } from "./docker.js";

export const flinkImage = "pipectl-flink";

/** Enough for an image over a slow connection. */
const longMs = 1_200_000;

/** The tag of the Flink image for the current contents of `flink/`. */
export async function flinkImageTag(root: string): Promise<string> {
  return await fingerprint(
    join(root, "flink"),
    /\/(pom\.xml|cluster\/src\/main\/.*|Dockerfile|image\/bin\/.*)$/,
  );
}

/** The images that docker-compose.yml names, without duplicates. */
export async function imagesOf(compose: Compose, signal: AbortSignal): Promise<string[]> {
  return [...new Set(linesOf(await compose(["config", "--images"], { signal })))];
}

/** The images that are missing on this machine. */
export async function missingImages(
  docker: Docker,
  images: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  const missing = await Promise.all(
    images.map(async (image) => {
      try {
        await docker(["image", "inspect", "--format", "{{.Id}}", image], { signal });
        return undefined;
      } catch (error) {
        if (/No such image/i.test(messageOf(error))) return image;
        throw error;
      }
    }),
  );
  return missing.filter((image) => image !== undefined);
}

interface Request {
  readonly root: string;
  readonly environment: Environment;
  readonly docker: Docker;
  readonly compose: Compose;
  readonly tag: string;
}

/**
 * Pulls and builds missing images. When none is missing, it only asks for the list.
 *
 * @throws PipectlError (unavailable) `image_unavailable`, `disk_full`; (failed) `maven_failed`, `docker_failed`
 */
export async function requireImages(request: Request, report: Report, signal: AbortSignal): Promise<void> {
  const { compose, docker, tag } = request;
  const images = await imagesOf(compose, signal);
  const missing = await missingImages(docker, images, signal);
  for (const image of missing.filter((name) => !name.startsWith(`${flinkImage}:`))) {
    await ticking(`docker pull ${image}`, longMs, report, (timeoutMs) =>
      docker(["pull", "--quiet", image], { timeoutMs, signal }),
    ).catch((error) => {
      // Whatever the registry reports, the image is not available.
      if (!(error instanceof PipectlError) || error.code !== "docker_failed") throw error;
      throw unavailable("image_unavailable", `${image} is not available: ${messageOf(error)}`, {
        hint: "check that this machine reaches the image registry, or set RUNTIME=local in .env",
        cause: error,
      });
    });
  }
  if (missing.includes(`${flinkImage}:${tag}`)) await build(request, report, signal);
}

/** Maven and Java of this machine resolve the jars, if it has both; otherwise a stage of the Dockerfile does. */
async function build(request: Request, report: Report, signal: AbortSignal): Promise<void> {
  const { root, environment, docker, compose, tag } = request;
  report({ type: "step", text: "Building the Flink image with pipectl's jars (once)" });
  const folder = join(root, "flink");
  let jars = "builder";
  let why: unknown;
  if (await hasMaven(environment, signal)) {
    try {
      await maven(folder, ["-Pimage", "-pl", "image", "-am", "package"], environment, report, signal);
      jars = "host";
    } catch (error) {
      signal.throwIfAborted();
      why = error;
      report({ type: "warning", text: `${messageOf(error)}\nLetting a container resolve the jars instead` });
    }
  }
  await ticking("docker compose build", longMs, report, (timeoutMs) =>
    compose(["build", "--quiet", "jobmanager"], { timeoutMs, signal, env: { FLINK_JARS: jars } }),
  ).catch((error) => {
    throw Object.assign(error, why === undefined ? {} : { cause: why });
  });
  // A plain `docker compose up` uses this tag.
  await docker(["tag", `${flinkImage}:${tag}`, `${flinkImage}:latest`], { signal });
}

async function hasMaven(environment: Environment, signal: AbortSignal): Promise<boolean> {
  const home = environment.JAVA_HOME;
  if (home && !existsSync(join(home, "bin", "javac"))) return false;
  const options = { env: javaEnvironment(environment), timeoutMs: 30_000, signal };
  const answers = (program: string) =>
    run(program, ["--version"], options).then(
      ({ exitCode }) => exitCode === 0,
      () => false,
    );
  const found = await Promise.all(["mvn", home ? join(home, "bin", "javac") : "javac"].map(answers));
  signal.throwIfAborted();
  return found.every(Boolean);
}

import { statfs } from "node:fs/promises";
import type { Config } from "../../config/load.js";
import { type Finding, finding } from "../../core/finding.js";
import { bytes } from "../../core/format.js";
import { type PortRequest, portsFinding } from "../ports.js";
import type { Compose } from "./compose.js";
import { type Container, runningOf } from "./containers.js";
import { type Docker, requireEngine } from "./docker.js";
import { flinkImage, imagesOf, missingImages } from "./images.js";

const GB = 1e9;

/** Checks what the Docker runtime needs of this machine, with a finding for each. Changes nothing. */
export async function diagnoseDocker(
  config: Config,
  docker: Docker,
  compose: Compose,
  ports: readonly PortRequest[],
  list: () => Promise<Container[]>,
): Promise<Finding[]> {
  const { signal } = new AbortController();
  const engine = await finding("Docker", async () => {
    const versions = await requireEngine(docker, signal);
    return { status: "ok", detail: `engine ${versions.engine}, Compose ${versions.compose}` };
  });
  // Without an engine every other check would report the same problem.
  if (engine.status !== "ok") return [engine];
  const info = docker(["info", "--format", "{{.MemTotal}} {{.DockerRootDir}}"]).then((text) =>
    text.trim().split(" "),
  );
  info.catch(() => {});
  return [
    engine,
    ...(await Promise.all([
      finding("Images", async () => {
        const published = (await imagesOf(compose, signal)).filter(
          (image) => !image.startsWith(`${flinkImage}:`),
        );
        const missing = await missingImages(docker, published, signal);
        if (missing.length === 0) return { status: "ok", detail: published.join(", ") };
        return {
          status: "warning",
          detail: `not pulled yet: ${missing.join(", ")}`,
          hint: "pipectl up pulls them",
        };
      }),
      finding("Memory", async () => {
        const total = Number((await info)[0]);
        const need = 3 * GB + config.values.TASKMANAGERS * config.values.TASK_HEAP_MB * 1e6;
        const detail = `${bytes(total)} for the engine; the stack may take ${bytes(need)}`;
        if (total >= need) return { status: "ok", detail };
        return { status: "warning", detail, hint: "give Docker more memory, or lower TASK_HEAP_MB in .env" };
      }),
      finding("Disk", async () => {
        const folder = (await info)[1] ?? "";
        // On macOS and with a remote engine the folder is on another machine.
        const disk = await statfs(folder).catch(() => undefined);
        if (disk === undefined)
          return { status: "ok", detail: `the engine keeps its data in ${folder}, not checked` };
        const free = disk.bavail * disk.bsize;
        const detail = `${bytes(free)} free for ${folder}`;
        if (free >= 2 * GB) return { status: "ok", detail };
        return { status: "problem", detail, hint: "docker system df shows what takes the space" };
      }),
      portsFinding(async () => {
        const running = runningOf(await list());
        return ports.filter(({ name }) => !running.has(name));
      }),
    ])),
  ];
}

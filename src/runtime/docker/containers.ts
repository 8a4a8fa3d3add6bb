import type { ServiceName } from "../runtime.js";
import { type Docker, linesOf } from "./docker.js";

/** A container of this stack. */
export interface Container {
  readonly id: string;
  /** The name that `docker ps` shows. */
  readonly container: string;
  /** The service's name, with a number if there are several: `taskmanager-2`. */
  readonly name: string;
  readonly service: ServiceName | "storage";
  readonly status: "created" | "running" | "restarting" | "exited" | "paused" | "removing" | "dead";
  readonly exitCode: number;
  /** True when the kernel killed it for using too much memory. */
  readonly outOfMemory: boolean;
  readonly restarts: number;
  readonly finishedAt: string;
  /** The IP address in the stack's network; empty when it is not running. */
  readonly address: string;
  /** The folder that the project was started from. */
  readonly folder: string;
}

interface Inspected {
  readonly Id: string;
  readonly Name: string;
  readonly RestartCount: number;
  readonly State: {
    readonly Status: Container["status"];
    readonly ExitCode: number;
    readonly OOMKilled: boolean;
    readonly FinishedAt: string;
  };
  readonly Config: { readonly Labels: Readonly<Record<string, string>> };
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, { readonly IPAddress?: string }>> };
}

/** The containers of a Compose project, running or not. */
export async function containersOf(
  docker: Docker,
  project: string,
  signal?: AbortSignal,
): Promise<Container[]> {
  const options = signal === undefined ? {} : { signal };
  const filter = `label=com.docker.compose.project=${project}`;
  const ids = linesOf(await docker(["ps", "-aq", "--no-trunc", "--filter", filter], options));
  if (ids.length === 0) return [];
  // A container that is being removed makes inspect fail. The containers are then listed again.
  const text = await docker(["inspect", "--type", "container", ...ids], options).catch(
    async (error: Error) => {
      if (/No such (container|object)/i.test(error.message)) return "";
      throw error;
    },
  );
  if (text === "") return await containersOf(docker, project, signal);
  return (JSON.parse(text) as Inspected[]).map(containerOf).sort((a, b) => a.name.localeCompare(b.name));
}

function containerOf({ Id, Name, RestartCount, State, Config, NetworkSettings }: Inspected): Container {
  const label = (name: string) => Config.Labels[`com.docker.compose.${name}`] ?? "";
  const service = label("service") as Container["service"];
  return {
    id: Id,
    container: Name.replace(/^\//, ""),
    name: service === "taskmanager" ? `${service}-${label("container-number")}` : service,
    service,
    status: State.Status,
    exitCode: State.ExitCode,
    outOfMemory: State.OOMKilled,
    restarts: RestartCount,
    finishedAt: State.FinishedAt,
    address: Object.values(NetworkSettings.Networks)[0]?.IPAddress ?? "",
    folder: label("project.working_dir"),
  };
}

/** The running containers by the service's name. */
export function runningOf(containers: readonly Container[]): Map<string, Container> {
  return new Map(containers.filter(({ status }) => status === "running").map((one) => [one.name, one]));
}

/** Flink lists the TaskManager of a container by its address in the stack's network. */
export const registeredAs = (container: Container | undefined): string => `@${container?.address}:`;

import { describe, expect, it } from "vitest";
import { containersOf } from "../../../../src/runtime/docker/containers.js";
import { type Docker, dockerError } from "../../../../src/runtime/docker/docker.js";
import { problemOf } from "../../../helpers/problem.js";

interface Fake {
  readonly service: string;
  readonly number?: string;
  readonly state?: object;
  readonly more?: object;
}

/** What `docker inspect` shows of one, as far as anybody looks. */
const inspected = ({ service, number = "1", state = {}, more = {} }: Fake) => ({
  Id: `id-${service}-${number}`,
  Name: `/p-${service}-${number}`,
  RestartCount: 0,
  State: { Status: "running", ExitCode: 0, OOMKilled: false, FinishedAt: "0001-01-01T00:00:00Z", ...state },
  Config: {
    Labels: {
      "com.docker.compose.project": "p",
      "com.docker.compose.service": service,
      "com.docker.compose.container-number": number,
      "com.docker.compose.project.working_dir": "/srv/pipectl",
    },
  },
  NetworkSettings: { Networks: { p_default: { IPAddress: "172.20.0.7" } } },
  ...more,
});

/** Docker with these containers; `refuse` is what `inspect` prints in place of an answer, call by call. */
function dockerWith(fakes: readonly Fake[], refuse: string[] = []) {
  const asked: string[] = [];
  const docker: Docker = async (args) => {
    asked.push(args.join(" "));
    const all = fakes.map(inspected);
    if (args[0] === "ps") return all.map(({ Id }) => `${Id}\n`).join("");
    const refused = refuse.shift();
    if (refused !== undefined) throw dockerError(args, refused);
    return JSON.stringify(all.filter(({ Id }) => args.includes(Id)));
  };
  return { docker, asked };
}

describe("containersOf", () => {
  it("asks for those of one project, running or not, and of no other", async () => {
    const { docker, asked } = dockerWith([{ service: "kafka" }]);
    await containersOf(docker, "my-project");
    expect(asked).toEqual([
      "ps -aq --no-trunc --filter label=com.docker.compose.project=my-project",
      "inspect --type container id-kafka-1",
    ]);
  });

  it("inspects nothing when there is none", async () => {
    const { docker, asked } = dockerWith([]);
    expect(await containersOf(docker, "p")).toEqual([]);
    expect(asked).toHaveLength(1);
  });

  it("says of each how it is, how it ended and where it can be reached", async () => {
    const { docker } = dockerWith([
      {
        service: "kafka",
        state: { Status: "exited", ExitCode: 137, OOMKilled: true, FinishedAt: "2026-01-31T12:00:00.5Z" },
        more: { RestartCount: 3 },
      },
    ]);
    expect(await containersOf(docker, "p")).toEqual([
      {
        id: "id-kafka-1",
        container: "p-kafka-1",
        name: "kafka",
        service: "kafka",
        status: "exited",
        exitCode: 137,
        outOfMemory: true,
        restarts: 3,
        finishedAt: "2026-01-31T12:00:00.5Z",
        address: "172.20.0.7",
        folder: "/srv/pipectl",
      },
    ]);
  });

  it("numbers TaskManagers only, and sorts by name", async () => {
    const { docker } = dockerWith([
      { service: "taskmanager", number: "2" },
      { service: "taskmanager", number: "1" },
      { service: "catalog" },
      { service: "storage" },
    ]);
    const names = (await containersOf(docker, "p")).map(({ name }) => name);
    expect(names).toEqual(["catalog", "storage", "taskmanager-1", "taskmanager-2"]);
  });

  it.each([
    ["has left its network", {}],
    ["has none", { none: { IPAddress: "" } }],
    ["was never started", { p_default: {} }],
  ])("has no address for one that %s", async (_what, Networks) => {
    const { docker } = dockerWith([{ service: "kafka", more: { NetworkSettings: { Networks } } }]);
    expect((await containersOf(docker, "p"))[0]?.address).toBe("");
  });

  it.each(["Error response from daemon: No such container: id-kafka-1", "Error: No such object: id-kafka-1"])(
    "asks anew when one was removed between the two questions: %s",
    async (refusal) => {
      const { docker, asked } = dockerWith([{ service: "kafka" }], [refusal]);
      expect(await containersOf(docker, "p")).toHaveLength(1);
      expect(asked.map((words) => words.split(" ")[0])).toEqual(["ps", "inspect", "ps", "inspect"]);
    },
  );

  it("takes an engine that fails for no empty project", async () => {
    const { docker } = dockerWith(
      [{ service: "kafka" }],
      ["Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"],
    );
    expect((await problemOf(() => containersOf(docker, "p"))).code).toBe("docker_down");
  });

  it("hands its signal to every call", async () => {
    const { signal } = new AbortController();
    const { docker } = dockerWith([{ service: "kafka" }]);
    const signals: unknown[] = [];
    const watched: Docker = async (args, options) => {
      signals.push(options?.signal);
      return await docker(args, options);
    };
    await containersOf(watched, "p", signal);
    expect(signals).toEqual([signal, signal]);
  });
});

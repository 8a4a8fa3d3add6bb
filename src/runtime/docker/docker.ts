import type { ErrorCode } from "../../core/error-codes.js";
import { failed, PipectlError, unavailable } from "../../core/errors.js";
import { type Environment, type RunOptions, run, variables } from "../../core/exec.js";

/** Runs `docker ARGS` and returns its output. A failed call throws an error with a hint. */
export type Docker = (args: readonly string[], options?: RunOptions) => Promise<string>;

/** The part of the environment that the program `docker` gets. */
export const dockerEnvironment = (environment: Environment) =>
  variables(environment, /^(PATH|HOME|DOCKER_.*)$/);

/** The lines of Docker's output. */
export const linesOf = (text: string): string[] => text.split("\n").filter(Boolean);

/** @param environment PATH, HOME, DOCKER_HOST and the like */
export function docker(environment: Environment): Docker {
  const env = dockerEnvironment(environment);
  return async (args, options = {}) => {
    const timeoutMs = options.timeoutMs ?? 15_000;
    try {
      const result = await run("docker", args, { ...options, timeoutMs, env: { ...env, ...options.env } });
      if (result.exitCode === 0) return result.stdout;
      throw dockerError(args, `${result.stderr}\n${result.stdout}`);
    } catch (error) {
      const code = error instanceof PipectlError ? error.code : "";
      if (code === "program_missing") {
        throw unavailable("docker_missing", "Docker is not installed: there is no program docker on PATH", {
          hint: "install Docker, or set RUNTIME=local in .env",
          cause: error,
        });
      }
      if (code === "program_timeout") {
        throw unavailable(
          "docker_timeout",
          `the Docker engine does not answer: docker ${args[0]} took more than ${timeoutMs / 1000} s`,
          { hint: "restart Docker, or set RUNTIME=local in .env", cause: error },
        );
      }
      throw error;
    }
  };
}

/** Docker's and Compose's messages for common failures, and their meaning. */
const known: readonly {
  readonly sign: RegExp;
  readonly code: ErrorCode<"unavailable">;
  readonly text: string;
  readonly hint: string;
}[] = [
  {
    sign: /permission denied while trying to connect|dial unix .*: permission denied|Got permission denied/i,
    code: "docker_rights",
    text: "you may not use the Docker engine",
    hint: 'sudo usermod -aG docker "$USER", then log in again; or set RUNTIME=local in .env',
  },
  {
    sign: /Cannot connect to the Docker daemon|failed to connect to the docker API|error during connect|Is the docker daemon running/i,
    code: "docker_down",
    text: "the Docker engine does not answer",
    hint: "start Docker (sudo systemctl start docker, or Docker Desktop), or set RUNTIME=local in .env",
  },
  {
    sign: /no space left on device/i,
    code: "disk_full",
    text: "the disk that Docker writes to is full",
    hint: "docker system df shows what takes the space, docker system prune frees what nobody uses",
  },
  {
    sign: /port is already allocated|address already in use|ports are not available/i,
    code: "port_taken",
    text: "a port is taken by another program",
    hint: "set PORT_OFFSET=100 in .env, then: pipectl up",
  },
  {
    sign: /pull access denied|manifest unknown|manifest for .* not found|failed to resolve (reference|source)|failed to do request|(lookup|dial tcp) .*(no such host|i\/o timeout|connection refused|server misbehaving|network is unreachable)|Client\.Timeout exceeded|TLS handshake|toomanyrequests|No such image/i,
    code: "image_unavailable",
    text: "an image is not available",
    hint: "check that this machine reaches the image registry, or set RUNTIME=local in .env",
  },
];

/** The error for the output of a failed `docker ARGS`. */
export function dockerError(args: readonly string[], output: string): PipectlError {
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  for (const { sign, code, text, hint } of known) {
    const line = lines.find((candidate) => sign.test(candidate));
    if (line !== undefined) return unavailable(code, `${text}: ${withoutPrefix(line)}`, { hint });
  }
  const words = lines.slice(-4).map(withoutPrefix).join("\n  ");
  return failed("docker_failed", `docker ${nameOf(args)} failed:\n  ${words}`, {
    hint: "pipectl doctor",
  });
}

/** `pull`, or Compose's own command, which follows the options for the project and its file. */
function nameOf(args: readonly string[]): string {
  const [command = "", ...rest] = args;
  if (command !== "compose") return rest[0]?.match(/^[a-z]+$/) ? `${command} ${rest[0]}` : command;
  const at = rest.findIndex(
    (word, i) => !word.startsWith("-") && !/^(-p|-f|--project-directory)$/.test(rest[i - 1] ?? ""),
  );
  return `compose ${rest[at] ?? ""}`.trim();
}

/** Without the log's own prefix, and cut to a length. */
function withoutPrefix(line: string): string {
  return line
    .replace(/^time="[^"]*" level=\w+ msg=/, "")
    .trim()
    .slice(0, 400);
}

/** docker-compose.yml uses `configs` with inline content, which came with this version. */
const oldestCompose = [2, 23, 1] as const;

/**
 * The versions of the engine and of Compose.
 *
 * @throws PipectlError (unavailable) `docker_missing`, `docker_down`, `docker_rights`, `docker_timeout`, `compose_missing`,
 *   `compose_version`
 */
export async function requireEngine(
  call: Docker,
  signal: AbortSignal,
): Promise<{ engine: string; compose: string }> {
  const options = { timeoutMs: 10_000, signal };
  const [engine, compose] = await Promise.all([
    call(["version", "--format", "{{.Server.Version}}"], options),
    call(["compose", "version", "--short"], options).catch((error) => error as Error),
  ]);
  if (compose instanceof Error) {
    signal.throwIfAborted();
    throw await composeMissing(compose);
  }
  const version = compose.trim().replace(/^v/, "");
  const parts = version.split(/[.+-]/).map(Number);
  const difference = oldestCompose.map((least, i) => (parts[i] ?? 0) - least).find((n) => n !== 0) ?? 0;
  if (difference < 0) {
    throw unavailable(
      "compose_version",
      `Docker Compose is ${version}, but docker-compose.yml needs ${oldestCompose.join(".")} or newer`,
      { hint: "update Docker Compose, or set RUNTIME=local in .env" },
    );
  }
  return { engine: engine.trim(), compose: version };

  async function composeMissing(cause: Error): Promise<PipectlError> {
    const old = await run("docker-compose", ["version", "--short"], options).catch(() => undefined);
    const only = old?.exitCode === 0 ? `, only the old docker-compose ${old.stdout.trim()}` : "";
    return unavailable(
      "compose_missing",
      `Docker is there, but Compose v2 is not${only}: docker compose version failed`,
      { hint: "install the Compose plugin (docker-compose-plugin), or set RUNTIME=local in .env", cause },
    );
  }
}

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { freePorts } from "../../helpers/ports.js";
import { answersHttp, ready, type Server, startProcess } from "./process.js";
import { goProgram } from "./programs.js";

export interface Gcs extends Server {
  readonly url: string;
}

/** An emulator of Google Cloud Storage that keeps its objects as files below `folder`. It asks for no credentials. */
export async function startGcs(folder: string, bucket: string): Promise<Gcs> {
  const program = await goProgram("github.com/fsouza/fake-gcs-server", "v1.52.3");
  const data = join(folder, "data");
  mkdirSync(join(data, bucket), { recursive: true });
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const started = startProcess(folder, "gcs", [
    ...[program, "-scheme", "http", "-host", "127.0.0.1", "-port", String(port)],
    // Without them it sends a client that uploads in pieces to the real service's address.
    ...["-external-url", url, "-public-host", `127.0.0.1:${port}`],
    ...["-backend", "filesystem", "-filesystem-root", data, "-log-level", "warn"],
  ]);
  await ready("the rig's GCS", started, async () => await answersHttp(`${url}/storage/v1/b`));
  return { url, stop: started.stop };
}

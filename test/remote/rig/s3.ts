import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { freePorts } from "../../helpers/ports.js";
import { answersHttp, ready, type Server, startProcess } from "./process.js";
import { goProgram } from "./programs.js";

export interface S3Options {
  readonly region: string;
  readonly bucket: string;
  readonly accessKey: string;
  readonly secretKey: string;
}

export interface S3 extends Server {
  readonly url: string;
}

/** An S3 server that keeps its objects as files below `folder`. It checks keys and region as the real one does. */
export async function startS3(folder: string, options: S3Options): Promise<S3> {
  const program = await goProgram("github.com/versity/versitygw/cmd/versitygw", "v1.8.0");
  const data = join(folder, "data");
  mkdirSync(join(data, options.bucket), { recursive: true });
  const [port] = await freePorts(1);
  const address = `127.0.0.1:${port}`;
  const command = [program, "--port", address, "--region", options.region, "--health", "/health", "--quiet"];
  const started = startProcess(folder, "s3", [...command, "posix", data], {
    ROOT_ACCESS_KEY: options.accessKey,
    ROOT_SECRET_KEY: options.secretKey,
  });
  await ready("the rig's S3", started, async () => await answersHttp(`http://${address}/health`));
  return { url: `http://${address}`, stop: started.stop };
}

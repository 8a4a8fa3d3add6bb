import { createHmac } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { freePorts } from "../../helpers/ports.js";
import { answersHttp, ready, type Server, startProcess } from "./process.js";
import { npmPackage } from "./programs.js";

export interface Azure extends Server {
  /** Of the account's blobs. */
  readonly url: string;
}

export interface AzureOptions {
  readonly name: string;
  /** Base64. */
  readonly key: string;
}

/**
 * An emulator of Azure Blob Storage with one account. It checks the shared key of each request. Of the Data Lake it knows
 * what a blob server knows by other names, which is all that Iceberg needs to read, write and delete a file by its path.
 */
export async function startAzure(folder: string, account: AzureOptions): Promise<Azure> {
  const installed = await npmPackage("azurite", "3.35.0");
  const data = join(folder, "data");
  mkdirSync(data, { recursive: true });
  const [port] = await freePorts(1);
  const started = startProcess(
    folder,
    "azure",
    [
      ...[process.execPath, join(installed, "dist", "src", "blob", "main.js"), "--location", data],
      ...["--blobHost", "127.0.0.1", "--blobPort", String(port), "--disableTelemetry", "--silent"],
    ],
    { AZURITE_ACCOUNTS: `${account.name}:${account.key}` },
  );
  const url = `http://127.0.0.1:${port}/${account.name}`;
  await ready("the rig's Azure", started, async () => await answersHttp(url));
  return { url, stop: started.stop };
}

/** Makes the container of a new account: the one call that Iceberg leaves to others. */
export async function createContainer(
  url: string,
  { name, key }: AzureOptions,
  container: string,
): Promise<void> {
  const date = new Date().toUTCString();
  const version = "2021-12-02";
  // Shared Key: verb, eleven empty headers, those of `x-ms-`, then the resource, whose path holds the account twice here.
  const text = `PUT${"\n".repeat(12)}x-ms-date:${date}\nx-ms-version:${version}\n/${name}/${name}/${container}\nrestype:container`;
  const signature = createHmac("sha256", Buffer.from(key, "base64")).update(text).digest("base64");
  const response = await fetch(`${url}/${container}?restype=container`, {
    method: "PUT",
    headers: {
      "x-ms-date": date,
      "x-ms-version": version,
      authorization: `SharedKey ${name}:${signature}`,
    },
  });
  if (!response.ok) throw new Error(`no container: ${response.status} ${await response.text()}`);
}

import { join } from "node:path";
import { account } from "./account.js";
import { createContainer, startAzure } from "./azure.js";
import { type Catalog, startCatalog } from "./catalog.js";
import { startGcs } from "./gcs.js";
import type { Warehouse } from "./jars.js";
import type { Server } from "./process.js";
import { startS3 } from "./s3.js";

/** Where tables lie, and a catalog that writes their metadata there. */
export interface Storage extends Server {
  readonly kind: Warehouse;
  /** Of the storage server. */
  readonly url: string;
  readonly catalog: Catalog;
  /** How pipectl is told to reach it. */
  readonly environment: Readonly<Record<string, string>>;
}

interface Reached {
  readonly server: Server & { readonly url: string };
  readonly warehouse: string;
  /** Iceberg's properties for the catalog server; pipectl makes its own from the environment. */
  readonly properties: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
}

export async function startStorage(folder: string, kind: Warehouse): Promise<Storage> {
  const { server, warehouse, properties, environment } = await kinds[kind](join(folder, kind));
  try {
    const catalog = await startCatalog(join(folder, "catalog"), { kind, warehouse, properties });
    return {
      kind,
      url: server.url,
      catalog,
      environment,
      stop: async () => void (await Promise.all([server.stop(), catalog.stop()])),
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** `name=value;name=value`, the form of CATALOG_OPTIONS. */
const options = (properties: Readonly<Record<string, string>>) =>
  Object.entries(properties)
    .map(([name, value]) => `${name}=${value}`)
    .join(";");

const kinds: Readonly<Record<Warehouse, (folder: string) => Promise<Reached>>> = {
  async s3(folder) {
    const { region, bucket, s3 } = account;
    const server = await startS3(folder, { ...s3, region, bucket });
    return {
      server,
      warehouse: `s3://${bucket}/warehouse`,
      properties: {
        "io-impl": "org.apache.iceberg.aws.s3.S3FileIO",
        "s3.endpoint": server.url,
        "s3.path-style-access": "true",
        "s3.access-key-id": s3.accessKey,
        "s3.secret-access-key": s3.secretKey,
        "client.region": region,
      },
      environment: {
        S3_ENDPOINT: server.url,
        S3_REGION: region,
        S3_PATH_STYLE: "true",
        S3_ACCESS_KEY: s3.accessKey,
        S3_SECRET_KEY: s3.secretKey,
      },
    };
  },

  async gcs(folder) {
    const server = await startGcs(folder, account.bucket);
    const properties = {
      "io-impl": "org.apache.iceberg.gcp.gcs.GCSFileIO",
      "gcs.project-id": "rig",
      "gcs.service.host": server.url,
      "gcs.no-auth": "true",
    };
    return {
      server,
      warehouse: `gs://${account.bucket}/warehouse`,
      properties,
      environment: { CATALOG_OPTIONS: options(properties) },
    };
  },

  async azure(folder) {
    const { azure, bucket } = account;
    const server = await startAzure(folder, azure);
    const host = `${azure.name}.dfs.core.windows.net`;
    const open = {
      "io-impl": "org.apache.iceberg.azure.adlsv2.ADLSFileIO",
      "adls.auth.shared-key.account.name": azure.name,
      [`adls.connection-string.${host}`]: server.url,
    };
    const secret = { "adls.auth.shared-key.account.key": azure.key };
    await createContainer(server.url, azure, bucket);
    return {
      server,
      warehouse: `abfss://${bucket}@${host}/warehouse`,
      properties: { ...open, ...secret },
      environment: { CATALOG_OPTIONS: options(open), CATALOG_SECRET_OPTIONS: options(secret) },
    };
  },
};

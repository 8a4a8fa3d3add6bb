import { join } from "node:path";
import { freePorts } from "../../helpers/ports.js";
import { ownClassPaths, storageJars, type Warehouse } from "./jars.js";
import { startJvm } from "./jvm.js";
import { answersHttp, ready, type Server } from "./process.js";

export interface CatalogOptions {
  readonly kind: Warehouse;
  /** `s3://…`, `gs://…`, `abfss://…` */
  readonly warehouse: string;
  /** How the catalog itself reaches the files; it writes each table's metadata. */
  readonly properties: Readonly<Record<string, string>>;
}

export interface Catalog extends Server {
  readonly url: string;
}

/** Iceberg's own REST catalog over a SQLite file. It wants no credentials: a guard stands in front of it. */
export async function startCatalog(folder: string, options: CatalogOptions): Promise<Catalog> {
  const [port] = await freePorts(1);
  const { catalog } = await ownClassPaths();
  const properties = Object.entries(options.properties).map(([name, value]) => `${name}=${value}`);
  const started = startJvm(folder, {
    name: `catalog-${options.kind}`,
    classPath: [...catalog, ...(await storageJars(options.kind))],
    jvm: [
      ...["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx256m"],
      "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
      // Its pool has a thread for each core; purging a table on ADLS takes one for each manifest and waits in it for
      // another one (Iceberg 1.11, CatalogUtil.deleteFiles and ADLSFileIO.deleteFiles).
      "-Diceberg.worker.num-threads=64",
    ],
    main: "io.pipectl.catalog.CatalogServer",
    args: [String(port), join(folder, `${options.kind}.db`), options.warehouse, ...properties],
  });
  const url = `http://127.0.0.1:${port}`;
  await ready("the rig's catalog", started, async () => await answersHttp(`${url}/v1/config`));
  return { url, stop: started.stop };
}

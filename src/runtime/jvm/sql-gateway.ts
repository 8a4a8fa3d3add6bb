import type { JvmSpec } from "./argument-file.js";
import { flinkModules, quick } from "./options.js";

/** What a SQL gateway and a SQL client are started with, wherever Flink runs: they start often and do little. */
const gatewayJvm = [...flinkModules, ...quick];

/** @param port of this machine that it is to listen on */
export function sqlGatewaySpec(port: number): JvmSpec {
  const option = "-Dsql-gateway.endpoint.rest";
  return {
    classPath: "gateway",
    jvm: [...gatewayJvm, "-Xmx512m"],
    main: "org.apache.flink.table.gateway.SqlGateway",
    args: [`${option}.address=127.0.0.1`, `${option}.bind-address=127.0.0.1`, `${option}.port=${port}`],
  };
}

/**
 * The SQL client: starts for every run, so it starts as lean as a JVM can. It keeps no history of its statements, which are
 * nobody's to read again, and may hold passwords.
 *
 * @param port of the gateway on this machine
 */
export function sqlClientSpec(port: number): JvmSpec {
  return {
    classPath: "gateway",
    jvm: [...gatewayJvm, "-Xmx256m"],
    main: "org.apache.flink.table.client.SqlClient",
    args: ["gateway", "-e", `127.0.0.1:${port}`, "-hist", "/dev/null"],
  };
}

import type { JvmSpec } from "./argument-file.js";
import { flinkModules, quick } from "./options.js";

/** Options of a SQL gateway and a SQL client, wherever Flink runs: they start often and do little. */
const gatewayJvm = [...flinkModules, ...quick];

/** @param port port of this machine to listen on */
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
 * The SQL client. It starts for every run, so it has as few options as possible. It keeps no history of its statements: nobody
 * needs that, and statements may hold passwords.
 *
 * @param port port of the gateway on this machine
 */
export function sqlClientSpec(port: number): JvmSpec {
  return {
    classPath: "gateway",
    jvm: [...gatewayJvm, "-Xmx256m"],
    main: "org.apache.flink.table.client.SqlClient",
    args: ["gateway", "-e", `127.0.0.1:${port}`, "-hist", "/dev/null"],
  };
}

/** With one collector thread and only the quick compiler, small JVMs start fastest and idle with the least load. */
export const small: readonly string[] = ["-XX:+UseSerialGC"];
export const quick: readonly string[] = [...small, "-XX:TieredStopAtLevel=1"];

/** The `--add-exports`/`--add-opens` that Flink's own scripts give every JVM (`env.java.opts.all`, Flink 2.1). */
export const flinkModules: readonly string[] = [
  ...["java.rmi/sun.rmi.registry", "java.security.jgss/sun.security.krb5"],
  ...["api", "file", "parser", "tree", "util"].map((name) => `jdk.compiler/com.sun.tools.javac.${name}`),
]
  .map((name) => `--add-exports=${name}=ALL-UNNAMED`)
  .concat(
    [
      ...["lang", "lang.reflect", "net", "io", "nio", "text", "time", "util"].map((name) => `java.${name}`),
      ...["util.concurrent", "util.concurrent.atomic", "util.concurrent.locks"].map((name) => `java.${name}`),
      "sun.nio.ch",
    ].map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`),
  );

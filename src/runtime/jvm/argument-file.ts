import type { ClassPathName, ClassPaths } from "./jars.js";

/** A JVM's main class, arguments and options. */
export interface JvmSpec {
  readonly classPath: ClassPathName;
  /** Options of the JVM, without class path and log settings. */
  readonly jvm: readonly string[];
  readonly main: string;
  readonly args: readonly string[];
}

/** The text of a Java argument file: everything after `java @file`. */
export function argumentFile(
  spec: JvmSpec,
  classPaths: ClassPaths,
  log: { readonly conf: string; readonly file: string },
  archive: readonly string[],
): string {
  const words = [
    ...spec.jvm,
    ...archive,
    `-Dlog4j.configurationFile=${log.conf}`,
    `-Dpipectl.log=${log.file}`,
    "-cp",
    classPaths[spec.classPath].join(":"),
    spec.main,
    ...spec.args,
  ];
  return words.map((word) => `"${word.replace(/["\\]/g, "\\$&")}"\n`).join("");
}

/** Programs are looked up on the PATH of the configuration, so that a test can hide one. */
export function pathOf(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const names = ["PATH", "JAVA_HOME", "HOME", "MAVEN_OPTS"];
  return Object.fromEntries(names.flatMap((name) => (environment[name] ? [[name, environment[name]]] : [])));
}

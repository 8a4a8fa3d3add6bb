import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** The files below these places that hold one of the texts. */
export function filesWith(texts: readonly string[], places: readonly string[]): string[] {
  return places.flatMap((place) => {
    if (!existsSync(place)) return [];
    const files = statSync(place).isFile()
      ? [place]
      : readdirSync(place, { recursive: true, encoding: "utf8" }).map((name) => join(place, name));
    return files.filter((file) => {
      if (!statSync(file).isFile()) return false;
      const bytes = readFileSync(file);
      return texts.some((text) => bytes.includes(text));
    });
  });
}

/** What Flink shows of itself and of each job that it knows, by path: what its dashboard is made of. */
export async function pagesOf(url: string): Promise<ReadonlyMap<string, string>> {
  const pages = new Map<string, string>();
  const get = async (path: string) => {
    const response = await fetch(`${url}${path}`);
    const text = await response.text();
    if (response.ok) pages.set(path, text);
    return text;
  };
  const general = [
    "/config",
    "/overview",
    "/jobmanager/config",
    "/jobmanager/environment",
    "/jobmanager/logs",
    "/jars",
  ];
  for (const path of general) await get(path);
  const { jobs } = JSON.parse(await get("/jobs/overview")) as { jobs: { jid: string }[] };
  for (const { jid } of jobs) {
    for (const page of [
      "",
      "/config",
      "/plan",
      "/exceptions",
      "/checkpoints",
      "/checkpoints/config",
      "/jobmanager/config",
      "/jobmanager/environment",
    ])
      await get(`/jobs/${jid}${page}`);
  }
  const { taskmanagers } = JSON.parse(await get("/taskmanagers")) as { taskmanagers: { id: string }[] };
  for (const { id } of taskmanagers)
    for (const page of ["", "/logs"]) await get(`/taskmanagers/${id}${page}`);
  return pages;
}

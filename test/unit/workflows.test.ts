import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { keys } from "../../src/config/schema.js";
import { holds, nameOf, workflowsOf, yamlBlocks } from "../helpers/workflow.js";

const workflows = workflowsOf("ci.md");

describe("docs/ci.md", () => {
  it("has two workflows, and as many pipelines for GitLab", () => {
    expect(workflows.map(({ name }) => name)).toEqual(["pipeline", "hourly"]);
    expect(yamlBlocks("ci.md")).toHaveLength(4);
  });

  describe.each(workflows.map((workflow) => [workflow.name, workflow] as const))("%s", (_name, workflow) => {
    const jobs = Object.values(workflow.jobs);
    const steps = jobs.flatMap((job) => job.steps);

    it("may read the repository and nothing else, ends by itself, and stops at an error in a pipe", () => {
      expect(workflow.permissions).toEqual({ contents: "read" });
      // As `bash`, the runner sets pipefail; without a word it does not.
      expect(workflow.defaults).toEqual({ run: { shell: "bash" } });
      for (const job of jobs) {
        expect(job["timeout-minutes"]).toBeGreaterThan(0);
        // `latest` becomes another system one day.
        expect(job["runs-on"]).toMatch(/^ubuntu-\d\d\.04$/);
      }
    });

    it.each(steps.map((step) => [nameOf(step), step] as const))(
      "%s: runs something, or uses an action of one commit",
      (_step, { uses, run, name, if: condition }) => {
        expect([run, uses].filter((one) => one !== undefined)).toHaveLength(1);
        if (run === undefined) expect(uses).toMatch(/^actions\/[a-z-]+@[0-9a-f]{40}$/);
        else expect(name).toBeDefined();
        // A value of GitHub within a script would be run as part of it.
        expect(run ?? "").not.toContain("${{");
        expect(() => holds(condition, false)).not.toThrow();
      },
    );

    it("pins one commit of each action", () => {
      const pins = new Set(
        workflows.flatMap((one) =>
          Object.values(one.jobs).flatMap((job) => job.steps.map((step) => step.uses)),
        ),
      );
      const names = [...pins].flatMap((pin) => pin?.split("@")[0] ?? []);
      expect(names).toHaveLength(new Set(names).size);
    });

    it("hands secrets over as variables of the one step", () => {
      const secrets = steps
        .flatMap(({ env = {} }) => Object.entries(env))
        .filter(([, value]) => String(value).includes("secrets."));
      for (const [name, value] of secrets) {
        expect(value).toBe(`\${{ secrets.${name} }}`);
        expect(steps.some(({ run }) => run?.includes(` -e ${name} `) || run?.includes(` -e ${name}\n`))).toBe(
          true,
        );
      }
      expect(JSON.stringify(jobs.map(({ env }) => env ?? {}))).not.toContain("secrets.");
    });
  });

  it("names only keys that there are", () => {
    const foreign = new Set(["IMAGE", "MAVEN_OPTS", "npm_config_cache"]);
    const named = yamlBlocks("ci.md").flatMap((block) => {
      const document = parse(block) as Record<string, { variables?: object }>;
      const jobs = Object.values(document.jobs ?? {}) as { env?: object; steps: { env?: object }[] }[];
      return [
        ...jobs.flatMap((job) => [job.env, ...job.steps.map((step) => step.env)]),
        ...Object.values(document).map((job) => job?.variables),
      ].flatMap((variables) => Object.keys(variables ?? {}));
    });
    expect(named).toContain("RUNTIME");
    expect(named.filter((name) => !foreign.has(name) && !(name in keys))).toEqual([]);
  });
});

import { Chalk } from "chalk";
import { describe, expect, it } from "vitest";
import type { LagResult } from "../../../src/pipeline/lag/lag.js";
import type { Ledger } from "../../../src/pipeline/topic/generate.js";
import { benchmarkView } from "../../../src/ui/demo-view.js";
import * as views from "../../../src/ui/views.js";

const plain = new Chalk({ level: 0 });

describe("lagView", () => {
  const result = (more: Partial<LagResult["partitions"][number]>): LagResult => ({
    group: "pipectl",
    topic: "taxi.raw_trips",
    totalLag: more.lag ?? null,
    totalUnlanded: more.unlanded ?? 0,
    totalLagSeconds: more.lagSeconds ?? 90,
    partitions: [
      {
        partition: 0,
        committed: null,
        landed: null,
        end: 1_500,
        lag: null,
        unlanded: 1_500,
        lagSeconds: 90,
        ...more,
      },
    ],
    openTransactions: [],
  });

  it("names the transactions that hold the topic back", () => {
    const held = { partition: 0, producerId: "7", offset: 1_500, timestampMs: Date.now(), waiting: 12 };
    expect(
      views
        .lagView({ ...result({}), openTransactions: [held] })
        .split("\n")
        .at(-1),
    ).toMatch(
      /^an open transaction of producer 7 holds partition 0 back at offset 1,500 since 0\.\d s: 12 offsets wait behind it$/,
    );
  });
  const cells = (text: string) => text.split("\n").map((line) => line.trim().split(/ {2,}/));

  it("says unknown where nothing was committed, and 0 where nothing is left", () => {
    const [title, heading, unknown, total] = cells(views.lagView(result({})));
    expect(title?.[0]).toBe("taxi.raw_trips, consumer group pipectl");
    expect(heading).toEqual(
      expect.arrayContaining(["PARTITION", "END", "COMMITTED", "LANDED", "LAG", "UNLANDED"]),
    );
    expect(unknown?.slice(0, 5)).toEqual(["0", "1,500", "unknown", "unknown", "unknown"]);
    expect(total?.[1]).toBe("unknown");
    const caughtUp = views.lagView(
      result({ committed: 1_500, landed: 1_500, lag: 0, unlanded: 0, lagSeconds: 0 }),
    );
    expect(cells(caughtUp)[2]?.slice(0, 6)).toEqual(["0", "1,500", "1,500", "1,500", "0", "0"]);
  });

  it("tells an offset of 0 from an unknown one", () => {
    expect(cells(views.lagView(result({ committed: 0, landed: 0, lag: 1_500 })))[2]?.slice(2, 5)).toEqual([
      "0",
      "0",
      "1,500",
    ]);
  });
});

describe("statusView", () => {
  const status = {
    runtime: "local",
    services: [
      {
        name: "kafka",
        service: "kafka",
        state: "running",
        pid: 42,
        memoryBytes: 312_000_000,
        endpoint: "127.0.0.1:9092",
      },
      { name: "taskmanager-1", service: "taskmanager", state: "stopped" },
    ],
    jobs: [],
  } as const;

  it("shows state, process, memory and address, and nothing for what is not there", () => {
    const lines = views.statusView(status, plain).split("\n");
    expect(lines[0]).toBe("runtime: local");
    expect(lines[2]).toMatch(/^kafka +running +42 +312\.0 MB +127\.0\.0\.1:9092$/);
    expect(lines[3]).toMatch(/^taskmanager-1 +stopped$/);
    expect(lines[4]).toBe("no job is running");
  });

  it("shows the container in place of the process, where there are containers", () => {
    const { pid: _pid, ...kafka } = status.services[0];
    const services = [{ ...kafka, container: "p-kafka-1" }];
    const lines = views.statusView({ ...status, runtime: "docker", services }, plain).split("\n");
    expect(lines[1]).toMatch(/^SERVICE +STATE +CONTAINER +MEMORY +ADDRESS$/);
    expect(lines[2]).toMatch(/^kafka +running +p-kafka-1 +312\.0 MB +127\.0\.0\.1:9092$/);
  });

  it("keeps its columns in line with colours, and has no code without them", () => {
    const colored = views.statusView(status, new Chalk({ level: 1 }));
    expect(colored).toContain("\u001b[32mrunning\u001b[39m");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes are what is removed
    expect(colored.replace(/\u001b\[\d+m/g, "")).toBe(views.statusView(status, plain));
  });
});

describe("ledgerView", () => {
  const ledger: Ledger = {
    topic: "t",
    sent: 12_345,
    malformed: 0,
    duplicates: 0,
    unreadable: 0,
    bytes: 3_400_000,
    seconds: 2.5,
    recordsPerSecond: 4_938,
    partitions: [{ partition: 1, first: 1_000, last: 13_344 }],
    interrupted: false,
  };

  it("says what was sent where, and nothing of what did not happen", () => {
    expect(views.ledgerView(ledger)).toBe(
      "12,345 records sent to t in 2.5 s (4,938/s, 3.4 MB)\n  partition 1: offsets 1,000 to 13,344",
    );
  });

  it("says what was not as it should be", () => {
    const text = views.ledgerView({
      ...ledger,
      malformed: 1_000,
      duplicates: 20,
      unreadable: 3,
      interrupted: true,
    });
    expect(text).toMatch(/^interrupted: 12,345 records/);
    expect(text).toContain(
      "1,000 malformed on purpose, 20 sent twice on purpose, 3 rows that could not be read",
    );
  });
});

describe("processView", () => {
  it("ends with what is unusual about the dead letters", () => {
    const unusual = "all 3,000 new records became dead letters (100 %, 0.1 % in the runs before)";
    expect(views.processView({ jobs: [], unusual, seconds: 4 }).split("\n").at(-1)).toBe(
      `but ${unusual}: pipectl dlq says why`,
    );
  });

  it("says when there was nothing to do", () => {
    const view = views.processView({
      jobs: [],
      bronze: { added: 0, total: 10 },
      dlq: { added: 0, total: 1 },
      seconds: 0.2,
    });
    expect(view).toContain("nothing to do");
    expect(view).toMatch(/^bronze +0 added +10 in all$/m);
  });

  it("shows only the steps that were taken", () => {
    const job = { id: "0a", name: "pipectl silver", state: "FINISHED", seconds: 3.2 } as const;
    const view = views.processView({ jobs: [job], silver: { total: 1_234 }, seconds: 4 });
    expect(view).toMatch(/^FINISHED +3\.2 s {2}0a {2}pipectl silver$/m);
    expect(view).toMatch(/^silver +1,234 in all$/m);
    expect(view).not.toMatch(/bronze|nothing to do/);
  });

  it("has a line for each mart", () => {
    const mart = { name: "a", table: "gold.taxi_a", rows: 1_234, status: "up to date" } as const;
    expect(views.processView({ jobs: [], marts: [mart], seconds: 4 })).toMatch(
      /^gold\.taxi_a {2}1,234 rows, up to date$/m,
    );
  });
});

describe("queryView", () => {
  it("sets figures to the right, shows NULL, nested values as JSON, and says when there is more", () => {
    const result = {
      columns: [
        { name: "day", type: "DATE" },
        { name: "trips", type: "BIGINT" },
        { name: "tags", type: "ARRAY" },
      ],
      rows: [
        ["2019-01-01", 5, ["a"]],
        [null, 12_345, null],
      ],
      truncated: true,
    };
    expect(views.queryView(result).split("\n")).toEqual([
      "day         trips  tags",
      '2019-01-01      5  ["a"]',
      "NULL        12345  NULL",
      "(2 rows, and more: see --limit)",
    ]);
    expect(views.queryView({ ...result, rows: [], truncated: false })).toMatch(/\n\(0 rows\)$/);
  });
});

describe("the others", () => {
  it("list the jobs, newest first as given, in UTC", () => {
    const job = {
      id: "0a",
      name: "n",
      state: "RUNNING",
      startTime: 0,
      durationMs: 61_000,
      restarts: null,
      checkpoint: null,
      records: null,
      recordsPerSecond: null,
    } as const;
    const [, row] = views.jobsView({ jobs: [job] }).split("\n");
    expect(row).toMatch(/^0a +RUNNING +1970-01-01 00:00:00 +61\.0 s +n$/);
    const stream = {
      ...{ ...job, restarts: 2, checkpoint: { id: 7, ageSeconds: 3 } },
      ...{ records: 12_000, recordsPerSecond: 196 },
    };
    const [, line] = views.jobsView({ jobs: [stream] }).split("\n");
    expect(line).toMatch(/61\.0 s +2 +7, 3\.0 s ago +12,000 \(196\/s\) +n$/);
    expect(views.jobsView({ jobs: [] })).toContain("Flink knows no jobs");
  });

  it("show findings with the next step under them", () => {
    const findings = [
      { check: "Java", status: "ok", detail: "Java 17" },
      { check: "Ports", status: "problem", detail: "taken", hint: "set PORT_OFFSET=100 in .env" },
    ] as const;
    expect(views.doctorView({ findings }, plain).split("\n")).toEqual([
      "ok       Java   Java 17",
      "problem  Ports  taken",
      `${" ".repeat(16)}try: set PORT_OFFSET=100 in .env`,
    ]);
  });

  it("say what was stopped and deleted, or that nothing ran", () => {
    const nothing = { runtime: "local", stopped: [], deleted: [] };
    expect(views.downView(nothing)).toBe("local runtime: nothing was running");
    const all = { runtime: "docker", stopped: ["kafka", "gateway"], deleted: ["volume p_s3"] };
    expect(views.downView(all)).toBe("docker runtime: stopped kafka, gateway\ndeleted volume p_s3");
  });

  it("say how a topic differs", () => {
    const topic = { topic: "t", created: false, partitions: 1, differences: ["it has 1 partitions"] };
    expect(views.topicView(topic)).toBe(
      "t is there already, with 1 partition\n  differs: it has 1 partitions",
    );
    expect(views.topicView({ ...topic, created: true, differences: [] })).toBe("created t with 1 partition");
  });

  it("show a step of the benchmark that is about no records without figures", () => {
    const machine = { cpus: 2, memoryBytes: 1, node: "v20" };
    const steps = [
      { step: "up", seconds: 10, records: null },
      { step: "generate", seconds: 2, records: 100_000 },
    ];
    const lines = benchmarkView({ startedAt: "", machine, steps, file: "/s/b.json" }).split("\n");
    expect(lines[1]).toMatch(/^up +10\.00$/);
    expect(lines[2]).toMatch(/^generate +2\.00 +100,000 +50,000$/);
    expect(lines[3]).toBe("kept in /s/b.json");
  });
});

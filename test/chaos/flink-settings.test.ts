import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { Random } from "../../src/dataset/synthetic/random.js";
import type { StreamResult } from "../../src/pipeline/stream/start.js";
import { expectExactAccount } from "../helpers/account.js";
import { restartFlinkWith } from "../helpers/flink-settings.js";
import { expectExactSilver } from "../helpers/iceberg.js";
import { lyingCatalog } from "../helpers/lying-catalog.js";
import { emptyStack, pipectl, pipectlJson } from "../helpers/stack.js";

const streaming = { env: { MODE: "streaming_bronze", CHECKPOINT_INTERVAL: "1s" } };
const flink = async (path: string) =>
  await fetch(`http://127.0.0.1:${inject("stack").FLINK_PORT}${path}`).then((answer) => answer.json());

beforeAll(async () => {
  await emptyStack();
  await restartFlinkWith({
    "execution.checkpointing.unaligned.enabled": "true",
    "execution.checkpointing.aligned-checkpoint-timeout": "5 s",
    "sql-gateway.session.idle-timeout": "10 s",
    "sql-gateway.session.check-interval": "200 ms",
  });
});
afterAll(async () => {
  await pipectl(["stop", "--cancel"]);
  await pipectl(["restart"]);
});

test.each(["sql-client", "gateway"])(
  "a gateway that drops a session before its job has ended: by SUBMIT_VIA=%s silver follows bronze",
  async (via) => {
    await pipectlJson(["generate", "--count", "3000", "--malformed", "0.02"]);
    // Between the two jobs are five commits, two of them in the first one.
    const slow = await lyingCatalog(Number(inject("stack").CATALOG_PORT), new Random(1), 4_000);
    slow.lie(1, ["late, made"]);
    await pipectlJson(["process"], { env: { SUBMIT_VIA: via, CATALOG_PORT: slow.port } });
    await slow.close();
    await expectExactAccount();
    await expectExactSilver();
  },
);

// apache/iceberg#15846: the sink loses rows when one of them fails.
test.each(["sql-client", "gateway"])(
  "a cluster with unaligned checkpoints: by SUBMIT_VIA=%s a stream has none",
  async (via) => {
    await pipectlJson(["generate", "--count", "300", "--malformed", "0.02"]);
    const env = { ...streaming.env, SUBMIT_VIA: via };
    const started = ["process-streaming", "--wait-checkpoint"];
    const { job } = await pipectlJson<StreamResult>(started, { env });
    const settings = (await flink("/jobmanager/config")) as { key: string; value: string }[];
    expect(settings).toContainEqual({ key: "execution.checkpointing.unaligned.enabled", value: "true" });
    expect(await flink(`/jobs/${job.id}/checkpoints/config`)).toMatchObject({
      ...{ unaligned_checkpoints: false, aligned_checkpoint_timeout: 0, mode: "exactly_once" },
    });
    await pipectlJson(["validate", "--settle", "60s"], { env });
    await expectExactAccount();
    await pipectlJson(["stop"], { env });
  },
);

import { describe, expect, it } from "vitest";
import { jarsFinding } from "../../../../src/pipeline/stack/remote-jars.js";

const lib = "/opt/flink/lib/";
const whole = [
  "flink-dist-2.1.0.jar",
  "pipectl-cluster-0.1.0.jar",
  "flink-sql-connector-kafka-4.0.1-2.0.jar",
  "iceberg-flink-runtime-2.1-1.11.0.jar",
  "hadoop-client-api-3.4.2.jar",
  "hadoop-client-runtime-3.4.2.jar",
  "iceberg-aws-bundle-1.11.0.jar",
].map((jar) => lib + jar);

describe("the jars of a Flink that is not ours", () => {
  it("are all there", () => {
    expect(jarsFinding(whole, "iceberg-aws-bundle")).toMatchObject({ status: "ok", detail: "6 of 6 there" });
  });

  it.each(whole.slice(1))("lacks %s", (jar) => {
    const { status, detail } = jarsFinding(
      whole.filter((one) => one !== jar),
      "iceberg-aws-bundle",
    );
    expect(status).toBe("problem");
    expect(jar.slice(lib.length)).toContain(/missing: ([\w.-]+?) \(/.exec(detail)?.[1] ?? "?");
  });

  it("has Iceberg for another Flink, and the right one is missing", () => {
    const jars = whole.map((jar) => jar.replace("runtime-2.1-1.11.0", "runtime-1.20-1.10.0"));
    expect(jarsFinding(jars, undefined).detail).toMatch(
      /missing: iceberg-flink-runtime-2\.1 .*iceberg-flink-runtime-1\.20-1\.10\.0\.jar is for another Flink/,
    );
  });

  it("needs no storage jar where the storage is not known, and takes a cloud's own", () => {
    expect(jarsFinding(whole.slice(0, 6), undefined).status).toBe("ok");
    expect(jarsFinding([...whole.slice(0, 6), `${lib}bundle-2.30.1.jar`], "iceberg-aws-bundle").status).toBe(
      "ok",
    );
  });

  it("cannot be seen in every Flink", () => {
    expect(jarsFinding(undefined, undefined).status).toBe("warning");
  });
});

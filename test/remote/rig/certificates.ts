import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";

/** A certificate with its key, both PEM files. */
export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
}

const keyOptions = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30"];

async function request(folder: string, name: string, args: readonly string[]): Promise<Certificate> {
  mkdirSync(folder, { recursive: true });
  const files = { certFile: join(folder, `${name}.pem`), keyFile: join(folder, `${name}.key`) };
  await execa("openssl", [
    ...["req", "-x509", ...keyOptions, "-subj", `/CN=${name}`],
    ...["-keyout", files.keyFile, "-out", files.certFile, ...args],
  ]);
  return files;
}

/** An authority that nobody's machine trusts. */
export const authority = async (folder: string, name: string): Promise<Certificate> =>
  await request(folder, name, []);

/** A certificate from `issuer`, for servers by these names, or for a client. */
export async function certificate(
  folder: string,
  name: string,
  issuer: Certificate,
  names = "IP:127.0.0.1,DNS:localhost",
): Promise<Certificate> {
  return await request(folder, name, [
    ...["-CA", issuer.certFile, "-CAkey", issuer.keyFile],
    ...["-addext", `subjectAltName=${names}`, "-addext", "basicConstraints=CA:FALSE"],
  ]);
}

export interface Certificates {
  /** The private authority's certificate, for clients. */
  readonly caFile: string;
  /** Another authority of the same name, which has issued nothing that runs here. */
  readonly wrongCaFile: string;
  readonly server: Certificate;
  readonly client: Certificate;
  /** A client's certificate from the other authority. */
  readonly wrongClient: Certificate;
}

/** Everything that the rig's servers and their clients show each other. */
export async function certificates(folder: string): Promise<Certificates> {
  const [ca, wrong] = await Promise.all([
    authority(folder, "rig-ca"),
    authority(join(folder, "wrong"), "rig-ca"),
  ]);
  const [server, client, wrongClient] = await Promise.all([
    certificate(folder, "localhost", ca),
    certificate(folder, "client", ca),
    certificate(join(folder, "wrong"), "client", wrong),
  ]);
  return { caFile: ca.certFile, wrongCaFile: wrong.certFile, server, client, wrongClient };
}

/** Key and certificate in one text, as Kafka's PEM stores want it. */
export const pemOf = ({ keyFile, certFile }: Certificate): string =>
  readFileSync(keyFile, "utf8") + readFileSync(certFile, "utf8");

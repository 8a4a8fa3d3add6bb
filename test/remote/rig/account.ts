/** Names and passwords that only the rig knows. Those with odd characters have to get through every layer. */
export const account = {
  kafka: { name: "pipeline", password: `pa"ss\\w'ord \${x} $1;` },
  flink: { user: "flink", password: "p:ss wörd" },
  catalogToken: "rig-token-0123456789",
  s3: { accessKey: "rig-access-key", secretKey: "rig-secret/key+0123456789" },
  azure: { name: "rigaccount", key: Buffer.from("the rig's own key").toString("base64") },
  region: "eu-central-7",
  bucket: "lake",
} as const;

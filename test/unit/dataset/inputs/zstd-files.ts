const base64 = (text: string) => Buffer.from(text, "base64");

/** What zstd 1.5 makes of three lines of CSV; with a checksum, as it does unless told. */
export const zstdCsv = base64("KLUv/SQiEQEAT3JkZXJJRCxwbGFjZWQsY3VzdG9tZXIKMSwsYQoyLCxiCr0gqmQ=");
/** The same without a checksum. */
export const zstdPlain = base64("KLUv/SAiEQEAT3JkZXJJRCxwbGFjZWQsY3VzdG9tZXIKMSwsYQoyLCxiCg==");
export const zstdText = "OrderID,placed,customer\n1,,a\n2,,b\n";

/** The same text, of its own: a part of a text keeps all of that in memory, and a record can have megabytes. */
export const ownCopy = (text: string): string => Buffer.from(text, "utf16le").toString("utf16le");

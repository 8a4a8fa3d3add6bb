/** A file, or a part of one, is of a kind that is not read. It is not damaged. */
export class NotSupported extends Error {}

import { formatTimestamp } from "../timestamp.js";

const secondsADay = 86_400n;
const dateLength = "1970-01-01 ".length;

/**
 * The token of a time of day, `HH:MM:SS[.fraction]`.
 *
 * @param units how many units of 10^-digits seconds since midnight; what no day has stays a number
 */
export const clockText = (units: bigint, digits: number): string =>
  units >= 0n && units < secondsADay * 10n ** BigInt(digits)
    ? `"${formatTimestamp(units, digits).slice(dateLength)}"`
    : String(units);

/** The token of a duration by ISO 8601, in seconds: `PT90.5S`. */
export const durationText = (units: bigint, digits: number): string =>
  `"${units < 0n ? "-" : ""}PT${plain(units < 0n ? -units : units, digits)}S"`;

/** The token of an INTERVAL by ISO 8601: months, days and milliseconds, none of which has a fixed length in another. */
export function intervalText(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [months, days, millis] = [0, 4, 8].map((at) => view.getUint32(at, true));
  return `"P${months}M${days}DT${plain(BigInt(millis ?? 0), 3)}S"`;
}

/** The token of a DECIMAL, with as many digits behind the point as its scale. */
export function decimalText(unscaled: bigint, scale: number): string {
  if (scale <= 0) return String(unscaled * 10n ** BigInt(-scale));
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, "0");
  return `${unscaled < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

export function uuidText(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString("hex");
  return `"${[hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-")}"`;
}

/** A number of 16 bits (IEEE 754). */
export function halfFloat(bytes: Uint8Array): number {
  const bits = (bytes[0] as number) | ((bytes[1] as number) << 8);
  const sign = bits >> 15 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = (bits & 0x3ff) / 1024;
  if (exponent === 0) return sign * 2 ** -14 * fraction;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * 2 ** (exponent - 15) * (1 + fraction);
}

/** A fixed-point number without trailing zeros. */
function plain(units: bigint, digits: number): string {
  const text = digits === 0 ? String(units) : decimalText(units, digits);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

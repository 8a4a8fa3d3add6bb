import { plural } from "../../core/format.js";
import type { Evidence } from "./evidence.js";
import { type Declared, type Guess, shown } from "./guess.js";

/** The maximum number of digits that Flink and Iceberg store. */
const maxDecimal = 38;

const string = (reason: string) => ({ type: "STRING", reason });

/** The narrowest type for which the strict reader accepts every observed value unchanged. */
export function scalarGuess(seen: Evidence, declared?: Declared): Guess & { readonly type: string } {
  if (declared && isAllowed(seen, declared)) return { type: declared.type, reason: declared.reason };
  const guess = guessOf(seen);
  if (!declared) return guess;
  return string(`${declared.reason}, but not every value fits ${declared.type}: ${guess.reason}`);
}

function guessOf(seen: Evidence): { type: string; reason: string } {
  const numbers = seen.wholes + seen.fractions;
  const zoned = seen.utc + seen.offsets;
  const times = seen.dates + seen.local + zoned;
  if (seen.values === 0) return string("never has a value: nothing is known of its type");
  const others = [
    numbers > 0 ? "numbers" : "",
    seen.booleans > 0 ? "true and false" : "",
    times > 0 ? "dates or times" : "",
  ].filter((kind) => kind !== "");
  if (seen.texts > 0) return string(textReason(seen, others));
  if (others.length > 1) return string(`${others.join(" as well as ")}`);
  if (seen.booleans > 0) return { type: "BOOLEAN", reason: "true and false" };
  return numbers > 0 ? numberGuess(seen) : timeGuess(seen, zoned);
}

function numberGuess(seen: Evidence): { type: string; reason: string } {
  const { integerDigits, fractionDigits } = seen;
  if (seen.fractions === 0) {
    const digits = `whole numbers of up to ${plural(integerDigits, "digit")}`;
    if (seen.fitsInt) return { type: "INT", reason: digits };
    if (seen.fitsLong) return { type: "BIGINT", reason: `${digits}: too large for INT` };
    if (integerDigits <= maxDecimal)
      return { type: `DECIMAL(${maxDecimal}, 0)`, reason: `${digits}: too large for BIGINT` };
    return string(`${digits}: more than a DECIMAL has`);
  }
  const digits = `numbers with up to ${plural(fractionDigits, "digit")} behind the point`;
  if (seen.survivesDouble) return { type: "DOUBLE", reason: `${digits}, all of them exact in a DOUBLE` };
  if (integerDigits + fractionDigits <= maxDecimal) {
    return {
      type: `DECIMAL(${integerDigits + fractionDigits}, ${fractionDigits})`,
      reason: `${digits} and ${integerDigits} before it, of which a DOUBLE would lose some`,
    };
  }
  return string(
    `numbers of up to ${integerDigits + fractionDigits} digits: more than a DECIMAL has, and a DOUBLE keeps`,
  );
}

function timeGuess(seen: Evidence, zoned: number): { type: string; reason: string } {
  if (seen.dates > 0) {
    if (seen.local + zoned > 0) return string("dates with and without a time of day");
    return { type: "DATE", reason: "dates" };
  }
  if (seen.secondDigits > 6) {
    return string(
      `times with ${seen.secondDigits} digits of a second, of which a TIMESTAMP(6) would lose some`,
    );
  }
  if (zoned === 0) return { type: "TIMESTAMP(6)", reason: "times without a zone" };
  if (seen.local > 0) return string("times with a zone and times without one");
  return { type: "TIMESTAMP_LTZ(6)", reason: `times with ${seen.offsets > 0 ? "an offset" : "Z"}` };
}

function textReason(
  { example, booleans, wholes, fractions, dates, local, utc, offsets }: Evidence,
  others: string[],
): string {
  if (example === undefined) return "text";
  const such = `such as ${shown(example.text)} in record ${example.record}`;
  switch (example.form) {
    case "padded":
      return `has leading zeros or a plus sign, ${such}: as numbers they would be lost`;
    case "slashed":
      return `${such.replace("such as", "looks like dates, but what")} means is not certain: a derived column can read it`;
    case "impossible":
      return `dates or times that do not exist, ${such}`;
    case "number":
      return `numbers that are sent as text, ${such}`;
    case "boolean":
      return `true and false that are sent as text, ${such}`;
    default:
      if (booleans + wholes + fractions + dates + local + utc + offsets === 0) return "text";
      return `${others.join(", ")}, but also text, ${such}`;
  }
}

/** True when the strict reader accepts every observed value for the type in the file's schema. */
function isAllowed(seen: Evidence, { kind }: Declared): boolean {
  const { values } = seen;
  switch (kind) {
    case "string":
      return true;
    case "number":
      return seen.wholes + seen.fractions === values;
    case "boolean":
      return seen.booleans === values;
    case "date":
      return seen.dates === values;
    case "timestamp":
      return seen.local + seen.utc === values && seen.secondDigits <= 6;
    case "timestamp_ltz":
      return seen.utc + seen.offsets === values && seen.secondDigits <= 6;
    default:
      return values === 0;
  }
}

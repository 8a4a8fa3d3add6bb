import { usage } from "../core/errors.js";
import { joined } from "../core/format.js";

/**
 * An option of a command. Its name is its key in the command's table: `olderThan` becomes `--older-than`.
 *
 * @template T type of the value that the command gets
 */
export interface CommandOption<T> {
  /** The value's placeholder, such as `<n>`; undefined for a switch. */
  readonly value?: string;
  /** One letter, such as `y` for `-y`. */
  readonly short?: string;
  readonly text: string;
  /** The value, as it would be typed, when the option is not given; `--help` shows it. */
  readonly fallback?: string | undefined;
  /**
   * @param given commander's value: a text, true for a switch, undefined for an option that was not given
   * @param flag the option's name, for errors
   * @throws PipectlError (usage) `option_invalid`
   */
  read(given: unknown, flag: string): T;
}

export type Options = Readonly<Record<string, CommandOption<unknown>>>;

/** The values that a command gets for its options. */
export type ValuesOf<O extends Options> = {
  readonly [Name in keyof O]: O[Name] extends CommandOption<infer T> ? T : never;
};

/** With a fallback the value is never undefined. */
type Valued<T, Fallback> = CommandOption<Fallback extends string ? T : T | undefined>;

export const flag = (text: string, short?: string): CommandOption<boolean> => ({
  text,
  ...(short === undefined ? {} : { short }),
  read: (given) => given === true,
});

/** @param parse makes the value from the text, or returns what the text must be */
export function parsed<T, Fallback extends string | undefined = undefined>(
  value: string,
  text: string,
  parse: (given: string) => { readonly is: T } | { readonly mustBe: string },
  fallback?: Fallback,
): Valued<T, Fallback> {
  const read = (given: unknown, name: string): T | undefined => {
    if (given === undefined) return undefined;
    const found = parse(String(given));
    if ("is" in found) return found.is;
    throw usage("option_invalid", `${name} is '${given}', but must be ${found.mustBe}`);
  };
  return { value, text, fallback, read } as Valued<T, Fallback>;
}

export const text = (value: string, what: string) => parsed(value, what, (given) => ({ is: given }));

export interface Allowed {
  readonly min: number;
  readonly max?: number;
  readonly whole?: boolean;
}

export const number = <Fallback extends string | undefined = undefined>(
  value: string,
  what: string,
  allowed: Allowed,
  fallback?: Fallback,
): Valued<number, Fallback> => parsed(value, what, (given) => numberOf(given, allowed), fallback);

export function numberOf(given: string, { min, max, whole = false }: Allowed) {
  const n = Number(given);
  const isNumber = given.trim() !== "" && (!whole || Number.isInteger(n));
  if (isNumber && n >= min && n <= (max ?? Number.MAX_SAFE_INTEGER)) return { is: n };
  const range = max === undefined ? `at least ${min}` : `from ${min} to ${max}`;
  return { mustBe: `a ${whole ? "whole " : ""}number, ${range}` };
}

export const oneOf = <Choice extends string, Fallback extends Choice | undefined = undefined>(
  value: string,
  what: string,
  choices: readonly Choice[],
  fallback?: Fallback,
): Valued<Choice, Fallback> =>
  parsed(
    value,
    what,
    (given) => {
      const choice = choices.find((one) => one === given);
      return choice === undefined ? { mustBe: joined(choices, "or") } : { is: choice };
    },
    fallback,
  );

const units = { min: 60_000, h: 3_600_000, d: 86_400_000 };

/** The milliseconds of `7d`, `36h`, `30min`. */
export const age = (what: string, fallback: string): CommandOption<number> =>
  parsed(
    "<age>",
    what,
    (given) => {
      const [, n, unit] = /^(\d+)(min|h|d)$/.exec(given) ?? [];
      if (n === undefined) return { mustBe: "a number and a unit: 30min, 36h, 7d" };
      return { is: Number(n) * units[unit as keyof typeof units] };
    },
    fallback,
  );

/** The flag on the command line: `--older-than` for `olderThan`. */
export const flagOf = (name: string): string =>
  `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** The flags in commander's notation, as in `--help`: `-n, --lines <n>`. */
export const flagsOf = (name: string, { short, value }: CommandOption<unknown>): string =>
  `${short === undefined ? "" : `-${short}, `}${flagOf(name)}${value === undefined ? "" : ` ${value}`}`;

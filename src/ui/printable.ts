/**
 * Data as text that a terminal only shows: what would move its cursor, colour it, or turn the direction of writing stands
 * as JSON writes it. A text in several lines becomes one.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => {
    const short = { "\n": "\\n", "\r": "\\r", "\t": "\\t" }[character];
    return short ?? [...unitsOf(character)].join("");
  });
}

function* unitsOf(character: string): Generator<string> {
  for (let i = 0; i < character.length; i++)
    yield `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`;
}

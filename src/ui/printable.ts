/**
 * Makes data safe to print: characters that would move the cursor, change colours or reverse the direction of writing are escaped as in
 * JSON. A text of several lines becomes one line.
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

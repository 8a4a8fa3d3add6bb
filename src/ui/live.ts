/**
 * Shows one text in place of the one before: on a terminal it is written over, elsewhere each follows the last.
 *
 * @param interactive a person looks at it: lines may be written over
 */
export function live(write: (text: string) => void, interactive: boolean): (text: string) => void {
  let lines = 0;
  return (text) => {
    if (interactive && lines > 0) write(`\u001b[${lines}A\u001b[J`);
    write(`${text}\n`);
    lines = text.split("\n").length;
  };
}

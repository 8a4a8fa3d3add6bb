/**
 * Shows a text in place of the one before. A terminal overwrites it; elsewhere each text follows the last.
 *
 * @param interactive true on a terminal, where lines may be overwritten
 */
export function live(write: (text: string) => void, interactive: boolean): (text: string) => void {
  let lines = 0;
  return (text) => {
    if (interactive && lines > 0) write(`\u001b[${lines}A\u001b[J`);
    write(`${text}\n`);
    lines = text.split("\n").length;
  };
}

/** The end of a service's log, indented for an error: of a Java stack only the lines that name an exception say anything. */
export function lastWords(text: string): string {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "" && !/^\s+(at |\.\.\. \d+ more)/.test(line))
    .slice(-8)
    .map((line) => `  ${line.slice(0, 300)}`)
    .join("\n");
}

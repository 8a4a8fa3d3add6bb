export const sorted = (values) => [...values].sort((a, b) => a - b);

/** The value below which that share of the sorted values lies. */
export const at = (sorted, share) => sorted[Math.floor(share * (sorted.length - 1))];

export const median = (values) => at(sorted(values), 0.5);

const round = (value) => Number(value.toPrecision(3));

/**
 * Measures two ways in turns, so that a slow moment of the machine falls on both.
 *
 * @param ways name and a function that measures once and returns a figure
 * @returns all figures by way
 */
export async function alternate(rounds, ways) {
  const figures = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  for (let i = 0; i < rounds; i++) {
    for (const [name, measure] of Object.entries(ways)) figures[name].push(round(await measure()));
  }
  return figures;
}

/** A line of the table. `most` and `least` are the goal; exactly one is given. */
export function line(what, value, { most, least, unit = "" }, figures) {
  const pass = most === undefined ? value >= least : value <= most;
  const goal = most === undefined ? `>= ${least}` : `<= ${most}`;
  return { what, value: round(value), goal: `${goal}${unit}`, unit, pass, figures };
}

/** How a manifest writes a duration: a number of so many digits at most, and `s`, `m`, `h` or `d`. */
export const durationPattern = (digits: number): RegExp => new RegExp(`^[1-9]\\d{0,${digits - 1}}[smhd]$`);

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a duration that the manifest's schema has let pass. */
export const milliseconds = (text: string): number =>
  Number(text.slice(0, -1)) * unitMs[text.slice(-1) as keyof typeof unitMs];

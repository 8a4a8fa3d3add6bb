/** 0 of no numbers. */
export const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);

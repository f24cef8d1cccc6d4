import { InvalidArgumentError } from 'commander';

const ANY = Number.MAX_SAFE_INTEGER;

/** Reads an option that is a whole number. @throws InvalidArgumentError, which names the option */
export const whole =
  (least = 0, most = ANY) =>
  (text: string): number => {
    const value = /^\d+$/u.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`a whole number from ${least}${most === ANY ? '' : ` to ${most}`}`);
  };

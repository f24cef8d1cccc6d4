import { HamletError } from '../errors.ts';

/** The data holds nothing that could be asked about. */
export const unmeasurable = (code: string, message: string) => new HamletError(code, 422, message);

/** An answer about the past was made of what came later. */
export const lookedAhead = (message: string) => new HamletError('look-ahead', 422, message);

import { HamletError } from '../errors.ts';

/** The data holds nothing that could be asked about. */
export const unmeasurable = (code: string, message: string) => new HamletError(code, 422, message);

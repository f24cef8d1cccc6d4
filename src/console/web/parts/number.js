/** Four significant digits are what figures with intervals carry. @param {number | null | undefined} value */
export const shown = (value) =>
  value === null || value === undefined || Number.isNaN(value)
    ? '–'
    : Math.abs(value) >= 1e5 || (value !== 0 && Math.abs(value) < 1e-4)
      ? value.toExponential(2)
      : String(Number(value.toPrecision(4)));

/** @param {number} value */
export const percent = (value) => `${shown(value * 100)} %`;

const MOMENT = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });
/** @param {string | null | undefined} at */
export const moment = (at) => (at ? MOMENT.format(new Date(at)) : '–');

/** Colours as [red, green, blue], 0…255. */
export type Rgb = readonly [number, number, number];

export const rgb = (hex: string): Rgb => [
  Number.parseInt(hex.slice(1, 3), 16),
  Number.parseInt(hex.slice(3, 5), 16),
  Number.parseInt(hex.slice(5, 7), 16),
];

export const css = ([r, g, b]: Rgb): string =>
  `#${[r, g, b]
    .map((value) =>
      Math.max(0, Math.min(255, Math.round(value)))
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;

export const mix = (a: Rgb, b: Rgb, share: number): Rgb => [
  a[0] + (b[0] - a[0]) * share,
  a[1] + (b[1] - a[1]) * share,
  a[2] + (b[2] - a[2]) * share,
];

/** Brighter (towards white) for a positive share, darker for a negative one. */
export const shade = (colour: Rgb, share: number): Rgb =>
  mix(colour, share > 0 ? [255, 255, 255] : [0, 0, 0], Math.abs(share));

/** Perceived lightness, 0…1. */
export const lightness = ([r, g, b]: Rgb): number => (0.299 * r + 0.587 * g + 0.114 * b) / 255;

/** More colourful (share > 0) or greyer. */
export function saturate(colour: Rgb, share: number): Rgb {
  const grey = lightness(colour) * 255;
  return mix([grey, grey, grey], colour, 1 + share);
}

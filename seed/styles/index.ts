import type { Style } from '../grammar.ts';
import type { PaintStyle } from '../svg.ts';
import { gouache } from './gouache.ts';
export const paintStyle: Record<Style, PaintStyle> = new Proxy({} as Record<Style, PaintStyle>, { get: () => gouache });

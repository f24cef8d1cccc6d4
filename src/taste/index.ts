export { CENTRAL, type History, likedIn } from './describe.ts';
export { presence, shows } from './presence.ts';
export { type Profile, profileOf, type Tally, tallyOf, without } from './profile.ts';
export { type Describe, openTastes, type Tastes } from './service.ts';
export { mentionedIn } from './stated.ts';
export type { ToldTaste } from './told.ts';
export type * from './types.ts';
export { listed, sentence } from './wording.ts';

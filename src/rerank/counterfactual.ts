import type { ItemRef } from '../catalog/types.ts';
import { likedIn, type Preference, type Tally, tallyOf, without } from '../taste/index.ts';
import { fit } from './attributes.ts';
import type { Looks } from './looks.ts';

const tallies = new WeakMap<Preference, { looks: Looks['vocabulary']; tally: Tally }>();

/** Whether a picture fits a taste less once these pictures are taken out of the history behind it. */
export function scoreFalls(
  picture: Float32Array,
  preference: Preference,
  evidence: readonly ItemRef[],
  looks: Looks,
): boolean {
  const whole = tallyOfPreference(preference, looks);
  const rest = without(whole, tallyOfItems(evidence, looks));
  if (rest.total < 0.5) return true;
  const scoreOf = (tally: Tally) =>
    fit(picture, { likes: likedIn(tally, looks.vocabulary), avoids: [] }, looks.vocabulary);
  return scoreOf(rest) < scoreOf(whole);
}

function tallyOfPreference(preference: Preference, looks: Looks): Tally {
  const known = tallies.get(preference);
  if (known?.looks === looks.vocabulary) return known.tally;
  const tally = tallyOfItems(preference.items, looks);
  tallies.set(preference, { looks: looks.vocabulary, tally });
  return tally;
}

const tallyOfItems = (items: readonly ItemRef[], looks: Looks): Tally =>
  tallyOf(
    items.flatMap((item) => {
      const profile = looks.profileOf(item);
      return profile === undefined ? [] : [{ profile, weight: 1 }];
    }),
    looks.vocabulary.attributes.length,
  );

import type { ItemRef } from '../catalog/types.ts';
import { clustersOf } from './clusters.ts';
import { profileOf, type Tally, tallyOf } from './profile.ts';
import type { Preference, Vocabulary, Weighted } from './types.ts';
import { preferenceText } from './wording.ts';

/** A picture of the person's history, and how much it counts. */
export type Looked = { item: ItemRef; vector: Float32Array; weight: number };
export type History = {
  liked: Looked[];
  /** Hidden, disliked, or shown and passed by. */
  passed: Looked[];
};

/** Pictures that stand for a taste (ImageGem, section 4). */
export const CENTRAL = 9;
/** Pictures of the catalogue's average that each share is mixed with: few likes prove little. */
const PRIOR = 1;
const LIKES = 6;
const AVOIDS = 3;
/** Twice the odds of the catalogue, and in at least a third of the pictures. */
const CLEARLY = Math.log(2);
const OFTEN = 0.35;
/** Pictures passed by before their lack says anything. */
const PASSED = 8;

/** Texts and attributes of each taste, from nothing but what CLIP sees in the pictures. */
export function describe({ liked, passed }: History, vocabulary: Vocabulary): Preference[] {
  if (liked.length === 0) return [];
  const seen = (pictures: readonly Looked[]) =>
    tallyOf(
      pictures.map(({ vector, weight }) => ({ profile: profileOf(vector, vocabulary), weight })),
      vocabulary.attributes.length,
    );
  const avoids = avoidedIn(seen(liked), seen(passed), vocabulary);
  return clustersOf(liked.map(({ vector }) => vector)).map((rows, n) => {
    const members = rows.map((row) => liked[row]!);
    const likes = likedIn(seen(members), vocabulary);
    return {
      ...{ id: `p${n + 1}`, text: preferenceText(likes, avoids), likes, avoids },
      items: members.map(({ item }) => item),
    };
  });
}

/** What is there more often than in the catalogue; the clearest first. */
export function likedIn(members: Tally, { attributes }: Vocabulary): Weighted[] {
  return attributes
    .map(({ name, share: usual }, a) => {
      const share = shareOf(members, a, usual);
      return { name, share, weight: logit(share) - logit(usual) };
    })
    .filter(({ share, weight }) => share >= OFTEN && weight >= CLEARLY)
    .sort((a, b) => b.weight * b.share - a.weight * a.share)
    .slice(0, LIKES)
    .map(({ name, weight }) => ({ name, weight }));
}

/** What is clearly more frequent in what was passed by than in what was liked, and rarer there than anywhere. */
function avoidedIn(liked: Tally, passed: Tally, { attributes }: Vocabulary): Weighted[] {
  if (passed.total < PASSED) return [];
  return attributes
    .map(({ name, share: usual }, a) => {
      const wanted = shareOf(liked, a, usual);
      return { name, rare: wanted < usual, weight: logit(shareOf(passed, a, usual)) - logit(wanted) };
    })
    .filter(({ rare, weight }) => rare && weight >= CLEARLY)
    .sort((a, b) => b.weight - a.weight)
    .slice(0, AVOIDS)
    .map(({ name, weight }) => ({ name, weight }));
}

const shareOf = ({ sums, total }: Tally, attribute: number, usual: number): number =>
  (sums[attribute]! + PRIOR * usual) / (total + PRIOR);

function logit(share: number): number {
  const inside = Math.min(Math.max(share, 0.001), 0.999);
  return Math.log(inside / (1 - inside));
}

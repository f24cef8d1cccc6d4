import type { REVIEW_STATES, ReportBody } from '../../schemas/moderation.ts';

export type ReviewState = (typeof REVIEW_STATES)[number];

/** What a moderator decides: up to which level the item may be shown; 32 blocks it. */
export type ModeratorDecision = {
  level: number;
  note: string;
  moderator: string;
  /** `review` of the item as the moderator saw it. */
  review: number;
};
export type Report = Required<ReportBody>;

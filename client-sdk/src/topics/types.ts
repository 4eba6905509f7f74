// What people of this SDK see of a directory of rooms: topics, the rooms that live in each, the one to suggest.
import type { Door, RoomCard } from '../room/types.ts';

/** Topics that every client has words for. An operator adds others, with a title of their own. */
export const TOPICS = [
  'anxiety',
  'depression',
  'relationships',
  'loneliness',
  'grief',
  'work-and-study',
  'identity',
  'parenting',
  'caring',
  'sleep',
  'stress',
  'self-worth',
  'illness',
  'addiction',
  'trauma',
  'anything',
] as const;
export type TopicId = (typeof TOPICS)[number] | (string & {});

/** What someone wants from a circle. */
export const INTENTS = ['vent', 'advice', 'company'] as const;
export type Intent = (typeof INTENTS)[number];

/** A room in a directory. */
export interface ListedRoom {
  readonly card: RoomCard;
  readonly door: Door;
  /** For `joinRoom` and `lookAtRoom`. */
  readonly link: string;
  /** When the keeper last looked in; 0 behind a door. */
  readonly memberCount: number;
  /** Unix milliseconds at which the directory's keeper last looked in. */
  readonly seenAt: number;
  /** A circle: a small room that is asked for by `joinCircle`, not chosen. */
  readonly intent?: Intent;
}

export interface DirectoryTopic {
  readonly id: TopicId;
  /** '' for those of `TOPICS`. */
  readonly title: string;
  readonly rooms: readonly ListedRoom[];
  /** Small groups that `joinCircle` chooses among. */
  readonly circles: readonly ListedRoom[];
  /** The one with places, most members first: a room that lives is better than an empty one. */
  readonly suggested?: ListedRoom;
}

/** Signed by the key in its link, opened and checked. */
export interface Directory {
  readonly name: string;
  /** Who answers for it. */
  readonly keeper: string;
  /** Rises with each change. */
  readonly revision: number;
  /** Unix milliseconds. */
  readonly updatedAt: number;
  readonly topics: readonly DirectoryTopic[];
  /** Whether `joinCircle` may be asked here. */
  readonly hasCircles: boolean;
}

/** A small group of 4 to 8 that is asked for, not chosen: first come, first served. */
export interface CircleWish {
  readonly topic: TopicId;
  readonly language: string;
  readonly intent: Intent;
}

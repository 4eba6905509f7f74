// Who may say what when, decided alike by the sender's client and by every receiver's: hosts' mutes and modes, slow
// rooms, rooms without a host, newcomers' limits. Pure: what is judged depends only on what the log told everyone.
// Not its concern: what people don't want to see themselves (filters.ts), and who may commit what (group/).
import type { RoomCard, RoomMode } from './types.ts';

/** Clocks of honest devices may differ by so much. */
const SKEW_MS = 120_000;
/** The relay rounds what it tells of times up to an hour. */
const HOUR_MS = 3_600_000;
/** Least pause between a newcomer's messages, and of a slow room where the card has none. */
export const NEWCOMER_PAUSE_SECONDS = 10;

/** What stands in the roles and the card. */
export interface House {
  readonly card: RoomCard;
  readonly mode: RoomMode;
  readonly slowSeconds: number;
  /** Room time of the last beacon, and of the newest message before the judged one. */
  readonly beaconAt: number;
}

/** Whoever says it. Times are room times in milliseconds; 0: none, or not known here. */
export interface Speaker {
  readonly isHost: boolean;
  readonly isMuted: boolean;
  readonly since: number;
  readonly lastAt: number;
}

/** What of a content matters here. */
export interface Utterance {
  /** Room time. */
  readonly at: number;
  /** text and attachment; reactions, edits and retractions are not held to pauses. */
  readonly isSaid: boolean;
  readonly isFile?: boolean;
  readonly text: string;
}

export type Objection = 'no-files' | 'muted' | 'locked' | 'read-only' | 'unhosted' | 'slow' | 'newcomer';

/**
 * The room's time of a message: its author's clock, held to what the relay's time of keeping allows, so that every
 * reader finds the same number and nobody dates a message far back.
 * @param keptUntilSeconds - of the block; 0 where unknown.
 */
export function roomTime(at: number, keptUntilSeconds: number, ttlSeconds: number): number {
  if (keptUntilSeconds === 0 || ttlSeconds === 0) return at;
  const latest = (keptUntilSeconds - ttlSeconds) * 1_000;
  const rounding = ttlSeconds >= 86_400 ? HOUR_MS : 60_000;
  return Math.min(Math.max(at, latest - rounding - SKEW_MS), latest + SKEW_MS);
}

/** Whether a host's sign is fresh enough at this room time. */
export function isHosted(house: House, at: number): boolean {
  const { unhostedAfterMinutes } = house.card;
  return unhostedAfterMinutes === 0 || at - house.beaconAt <= unhostedAfterMinutes * 60_000 + SKEW_MS;
}

/** Pause that holds between this speaker's messages; 0: none. */
export function pauseSeconds(house: House, speaker: Speaker, at: number): number {
  if (speaker.isHost) return 0;
  const slow = house.mode === 'slow' ? house.slowSeconds || house.card.slowSeconds : 0;
  const unhosted = house.card.unhosted === 'slow' && !isHosted(house, at) ? house.card.slowSeconds : 0;
  const fresh = isNewcomer(house, speaker, at) ? NEWCOMER_PAUSE_SECONDS : 0;
  return Math.max(slow, unhosted, fresh);
}

/** Whether the newcomers' limits still hold for someone whose coming this device saw. */
export function isNewcomer(house: House, speaker: Speaker, at: number): boolean {
  const { newcomerMinutes } = house.card;
  if (speaker.isHost || speaker.since === 0 || newcomerMinutes === 0) return false;
  return at - speaker.since < newcomerMinutes * 60_000;
}

/** @returns what stands against it, or undefined. */
export function objectionTo(
  house: House,
  speaker: Speaker,
  said: Utterance,
  toleranceSeconds = 0,
): Objection | undefined {
  if (speaker.isHost) return undefined;
  if (speaker.isMuted) return 'muted';
  if (house.mode === 'locked') return 'locked';
  if (house.mode === 'read-only') return 'read-only';
  if (house.card.unhosted !== 'slow' && !isHosted(house, said.at)) return 'unhosted';
  const isFile = said.isFile === true;
  if (isFile && !house.card.files) return 'no-files';
  if (isNewcomer(house, speaker, said.at) && (isFile || hasLink(said.text))) return 'newcomer';
  if (!said.isSaid || speaker.lastAt === 0) return undefined;
  const pause = pauseSeconds(house, speaker, said.at) - toleranceSeconds;
  if (said.at - speaker.lastAt >= pause * 1_000) return undefined;
  return isNewcomer(house, speaker, said.at) && house.mode !== 'slow' ? 'newcomer' : 'slow';
}

const LINK =
  /(?:\b[a-z][a-z0-9+.-]{1,15}:\/\/|\bwww\.)\S|\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|net|org|io|me|gg|chat|app|info|link|ly|co|tv)\b/i;

/** Whether a text leads elsewhere. */
export function hasLink(text: string): boolean {
  return LINK.test(text);
}

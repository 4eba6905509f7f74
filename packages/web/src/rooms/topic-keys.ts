// Topics and their words in the catalogue. The list is the SDK's; the page holds no code of the SDK, so a test compares.

import type { MessageKey } from '../i18n/translate.ts';

export const TOPIC_IDS = [
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

export const TOPIC_KEYS: ReadonlyMap<string, MessageKey> = new Map(
  TOPIC_IDS.map((id) => [id, `topic.${id}` as const]),
);

// What a topic is called: the catalogue's word for those that every client knows, the operator's title for others.

import { TOPIC_KEYS } from './topic-keys.ts';
import { t } from '../i18n/translate.ts';

/** @param title - The operator's own, '' for topics that every client knows. */
export function topicName(id: string, title = ''): string {
  const key = TOPIC_KEYS.get(id);
  return key === undefined ? title || id : t(key);
}

// A few words for a message where there is no room for all of it: its own, or what kind of file it is.
import type { ConversationView } from '../backend/backend.ts';
import { t } from '../i18n/translate.ts';

export function excerptWords({ excerpt, attached }: Pick<ConversationView, 'excerpt' | 'attached'>): string {
  return excerpt !== '' || attached === undefined ? excerpt : t(`excerpt.${attached}`);
}

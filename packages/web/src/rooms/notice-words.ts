// What happened in a room besides talking, in words. Fetched with the conversation's screen only where a room is shown.

import type { NoticeView } from '../backend/backend.ts';
import { t } from '../i18n/translate.ts';

export function roomNoticeWords({ event, name }: Extract<NoticeView, { what: 'room' }>): string {
  return t(`room.notice.${event}`, { name: name === undefined || name === '' ? t('room.someone') : name });
}

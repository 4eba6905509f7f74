// From a rejected call to words: codes are docs/errors.md's, the words are the catalogue's. An unknown code still gets a
// sentence that says what to do. Not its concern: where it is shown.

import { t, type MessageKey } from '../i18n/translate.ts';

const words: readonly (readonly [pattern: RegExp, key: MessageKey])[] = [
  [/^ROOM_FULL/, 'error.roomFull'],
  [/^ROOM_(GONE|KIND|CARD)/, 'error.roomGone'],
  [/^ROOM_SLOW/, 'error.roomSlow'],
  [/^ROOM_NEWCOMER/, 'error.roomNewcomer'],
  [/^ROOM_NOT_HOST/, 'error.roomHost'],
  [/^ROOM_(NO_FILES|READ|MUTED|UNHOSTED|ENTERING|CLOSED|DOOR|REFUSED)/, 'error.roomNotNow'],
  [/PASSPHRASE|SECRET|UNLOCK/, 'error.secret'],
  [/INVITE.*(USED|TAKEN|DEAD|GONE)|REFUSED/, 'error.inviteUsed'],
  [/INVITE.*EXPIRED/, 'error.inviteExpired'],
  [/INVITE_OWN/, 'error.inviteOwn'],
  [/LINK|INVITE/, 'error.inviteBroken'],
  [/FULL|QUOTA/, 'error.full'],
  [/OFFLINE|CONNECT|NETWORK|TIMEOUT|NET_(UNREACHABLE|SILENT|CLOSED)/, 'error.offline'],
  [/TOO_LONG|TOO_BIG|LENGTH/, 'error.tooLong'],
  [/BACKUP|EXPORT|IMPORT/, 'error.copy'],
];

export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : 'UNKNOWN';
}

/** @returns one sentence that says what happened and what to do. */
export function wordsFor(error: unknown): string {
  const code = codeOf(error);
  const found = words.find(([pattern]) => pattern.test(code));
  return found === undefined ? t('error.other', { code }) : t(found[1]);
}

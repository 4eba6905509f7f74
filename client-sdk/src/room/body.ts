// What people say in a room, as the SDK takes it, into the body of a content. Which contents there are is content/'s.
import { type Body, MAX_TEXT_BYTES, reactionNumber } from '../content/content.ts';
import { fromHex, utf8 } from '../crypto/index.ts';
import { SottoError } from '../errors.ts';
import type { MemberId, RoomContent } from './types.ts';

/** Room for a warning, mentions and what a reply refers to. */
const BESIDE_TEXT_BYTES = 300;

/** @throws SottoError ROOM_MEMBER for what can't be a member's id. */
export function pseudonymFrom(member: MemberId): Uint8Array {
  if (!/^[0-9a-f]{64}$/.test(member)) throw new SottoError('ROOM_MEMBER');
  return fromHex(member);
}

/** @throws SottoError CONTENT_EMPTY, CONTENT_TOO_LONG, ROOM_MEMBER */
export function toBody(content: RoomContent): Body {
  switch (content.type) {
    case 'text': {
      const { mentions = [], replyTo, warning = '' } = content;
      const named = mentions.map((member) => ({ member: pseudonymFrom(member) }));
      return {
        type: 'text',
        text: checked(content.text),
        warning,
        ...(replyTo === undefined ? {} : { replyTo: fromHex(replyTo) }),
        ...(named.length === 0 ? {} : { mentions: { members: named } }),
      };
    }
    case 'reaction': {
      const { target, reaction, removed = false } = content;
      return { type: 'reaction', target: fromHex(target), reaction: reactionNumber(reaction), removed };
    }
    case 'edit':
      return { type: 'edit', target: fromHex(content.target), text: checked(content.text) };
    case 'retract':
      return { type: 'retract', target: fromHex(content.target) };
  }
}

function checked(text: string): string {
  if (text === '') throw new SottoError('CONTENT_EMPTY');
  if (utf8(text).length > MAX_TEXT_BYTES - BESIDE_TEXT_BYTES) throw new SottoError('CONTENT_TOO_LONG');
  return text;
}

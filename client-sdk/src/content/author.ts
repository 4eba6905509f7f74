// The author's signature and commitment (design section 8): proof of who wrote what, for reports, inside the
// encryption. A plain link conversation carries none and stays deniable; where one is demanded, content without it is
// refused. Which conversations demand it is decided where they begin.
import {
  asKey,
  concatBytes,
  equalBytes,
  hmacSha256,
  randomBytes,
  sha256,
  sign,
  type SigningKeyPair,
  utf8,
  verify,
} from '../crypto/index.ts';
import { SottoError } from '../errors.ts';
import { type Author, type Content, contentCodec } from './content.ts';

const DOMAIN = utf8('sotto.v1.author\0');

/** The thread that an author's messages in one conversation form. */
export interface AuthorThread {
  /** 32 bytes: names the room or conversation, the same on all devices. */
  readonly conversation: Uint8Array;
  readonly epoch: number;
  /** Hash of this author's previous message's preimage; 32 zeros at the start. */
  readonly previous: Uint8Array;
}

/** HMAC-SHA-256(opening, canonical content): AEADs don't commit, this does. */
export function commitmentOf(opening: Uint8Array, content: Content): Uint8Array {
  const { author: _, ...canonical } = content;
  return hmacSha256(opening, contentCodec.encode(canonical));
}

/** domain ‖ conversation ‖ epoch ‖ previous ‖ commitment */
function preimage(thread: AuthorThread, commitment: Uint8Array): Uint8Array {
  const epoch = new Uint8Array(4);
  new DataView(epoch.buffer).setUint32(0, thread.epoch);
  return concatBytes(DOMAIN, thread.conversation, epoch, thread.previous, commitment);
}

/** @returns the content with its author's proof, the commitment for the append, and the thread's next link. */
export function signContent(
  content: Content,
  thread: AuthorThread,
  pair: SigningKeyPair,
): { content: Content; commitment: Uint8Array; previous: Uint8Array } {
  const opening = randomBytes(32);
  const commitment = commitmentOf(opening, content);
  const signed = preimage(thread, commitment);
  const author: Author = {
    publicKey: pair.publicKey,
    epoch: thread.epoch,
    previous: thread.previous,
    opening,
    signature: sign(pair, signed),
  };
  return { content: { ...content, author }, commitment, previous: sha256(signed) };
}

declare const attributed: unique symbol;
/** A content whose author's signature was checked: `verifyContent` alone makes it. */
export type AttributedContent = Content & { readonly author: Author; readonly [attributed]: true };

/**
 * Checks a content's author against the key that the conversation knows.
 * @throws SottoError CONTENT_UNSIGNED where proof is missing, by another key, of another thread, or false.
 */
export function verifyContent(
  content: Content,
  expected: { conversation: Uint8Array; publicKey: Uint8Array },
): { content: AttributedContent; commitment: Uint8Array; previous: Uint8Array } {
  const author = content.author;
  if (author === undefined || !equalBytes(author.publicKey, expected.publicKey)) {
    throw new SottoError('CONTENT_UNSIGNED');
  }
  const commitment = commitmentOf(author.opening, content);
  const thread = { conversation: expected.conversation, epoch: author.epoch, previous: author.previous };
  const signed = preimage(thread, commitment);
  try {
    verify(asKey('verify', author.publicKey), signed, author.signature);
  } catch (cause) {
    throw new SottoError('CONTENT_UNSIGNED', { cause });
  }
  return { content: content as AttributedContent, commitment, previous: sha256(signed) };
}

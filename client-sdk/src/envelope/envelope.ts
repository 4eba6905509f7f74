// The envelope: one session message, sealed and padded to a block of exactly 3,968 bytes, so that type, keys and
// counters of the session are hidden and every block looks alike (docs/protocol-client.md, "Envelope"). It protects
// headers only; secrecy and authenticity of what is said are the session's.
import {
  type BoxKeyPair,
  type BoxPublicKey,
  asKey,
  concatBytes,
  seal,
  SEAL_OVERHEAD,
  SEALED_BOX_OVERHEAD,
  sealToBox,
  tryOpen,
  tryOpenBox,
  utf8,
} from '../crypto/index.ts';
import { SottoError } from '../errors.ts';

/** What the relay carries: `BLOCK_BYTES` of the wire. */
export const BLOCK_BYTES = 3_968;
const HEADER_BYTES = 3;
/** A session message of at most so many bytes fits, under keys and in a sealed box alike. */
export const MAX_ENVELOPE_BODY = BLOCK_BYTES - SEALED_BOX_OVERHEAD - HEADER_BYTES - 16;

const BLOCK_DOMAIN = utf8('sotto.v1.block\0');
const SLOT_DOMAIN = utf8('sotto.v1.slot\0');

/** What a block holds. The numbers are libsignal's message types; 3 with a thread tag comes from a newcomer. */
export const ENVELOPE_KIND = { whisper: 2, preKey: 3, newcomer: 4, bundle: 5 } as const;
export type EnvelopeKind = keyof typeof ENVELOPE_KIND;

/** Random name under which the owner of a standing address tells newcomers apart. */
export const THREAD_TAG_BYTES = 16;

declare const opened: unique symbol;
/** Made by `openEnvelope` and `openBoxedEnvelope` alone. `keyIndex`: which of the tried keys opened it. */
export interface OpenedEnvelope {
  readonly kind: EnvelopeKind;
  readonly body: Uint8Array;
  readonly keyIndex: number;
  readonly [opened]: true;
}

/** kind ‖ u16 length ‖ body ‖ zeros */
function pad(kind: EnvelopeKind, body: Uint8Array, total: number): Uint8Array {
  if (body.length > total - HEADER_BYTES) throw new SottoError('ENVELOPE_TOO_LONG');
  const padded = new Uint8Array(total);
  padded[0] = ENVELOPE_KIND[kind];
  padded[1] = body.length >> 8;
  padded[2] = body.length & 255;
  padded.set(body, HEADER_BYTES);
  return padded;
}

function unpad(padded: Uint8Array, keyIndex: number): OpenedEnvelope | undefined {
  const kind = (Object.keys(ENVELOPE_KIND) as EnvelopeKind[]).find(
    (name) => ENVELOPE_KIND[name] === padded[0],
  );
  const length = ((padded[1] ?? 0) << 8) | (padded[2] ?? 0);
  const end = HEADER_BYTES + length;
  if (kind === undefined || end > padded.length) return undefined;
  if (padded.subarray(end).some((byte) => byte !== 0)) return undefined;
  return { kind, body: padded.slice(HEADER_BYTES, end), keyIndex } as OpenedEnvelope;
}

function sealPadded(key: Uint8Array, content: { kind: EnvelopeKind; body: Uint8Array }, domain: Uint8Array) {
  return seal(asKey('seal', key), pad(content.kind, content.body, BLOCK_BYTES - SEAL_OVERHEAD), domain);
}

function openPadded(keys: readonly Uint8Array[], block: Uint8Array, domain: Uint8Array) {
  if (block.length !== BLOCK_BYTES) return undefined;
  for (const [index, key] of keys.entries()) {
    const padded = tryOpen(asKey('seal', key), block, domain);
    if (padded !== undefined) return unpad(padded, index);
  }
  return undefined;
}

/** @returns the block. @throws SottoError ENVELOPE_TOO_LONG beyond `MAX_ENVELOPE_BODY`. */
export function sealEnvelope(key: Uint8Array, kind: 'whisper' | 'preKey', body: Uint8Array): Uint8Array {
  if (body.length > MAX_ENVELOPE_BODY) throw new SottoError('ENVELOPE_TOO_LONG');
  return sealPadded(key, { kind, body }, BLOCK_DOMAIN);
}

/** Tries each key once, in order. @returns undefined where none opens it: one answer for every failure. */
export function openEnvelope(keys: readonly Uint8Array[], block: Uint8Array): OpenedEnvelope | undefined {
  const envelope = openPadded(keys, block, BLOCK_DOMAIN);
  return envelope?.kind === 'whisper' || envelope?.kind === 'preKey' ? envelope : undefined;
}

/** A newcomer's block to a standing address: to the bundle's X25519 key, with the newcomer's thread tag in front. */
export function sealNewcomer(boxKey: BoxPublicKey, tag: Uint8Array, body: Uint8Array): Uint8Array {
  const padded = pad('newcomer', concatBytes(tag, body), BLOCK_BYTES - SEALED_BOX_OVERHEAD);
  return sealToBox(boxKey, padded);
}

/** Opens a newcomer's block with the first pair that fits. */
export function openNewcomer(
  pairs: readonly BoxKeyPair[],
  block: Uint8Array,
): { tag: Uint8Array; body: Uint8Array } | undefined {
  if (block.length !== BLOCK_BYTES) return undefined;
  for (const [index, pair] of pairs.entries()) {
    const padded = tryOpenBox(pair, block);
    if (padded === undefined) continue;
    const envelope = unpad(padded, index);
    if (envelope?.kind !== 'newcomer' || envelope.body.length <= THREAD_TAG_BYTES) return undefined;
    return {
      tag: envelope.body.slice(0, THREAD_TAG_BYTES),
      body: envelope.body.slice(THREAD_TAG_BYTES),
    };
  }
  return undefined;
}

/** A bundle for a mailbox's slot. */
export function sealSlot(key: Uint8Array, signedBundle: Uint8Array): Uint8Array {
  return sealPadded(key, { kind: 'bundle', body: signedBundle }, SLOT_DOMAIN);
}

/** @returns the signed bundle, still to be checked by `openBundle`; undefined where it doesn't open. */
export function openSlot(key: Uint8Array, block: Uint8Array): Uint8Array | undefined {
  const envelope = openPadded([key], block, SLOT_DOMAIN);
  return envelope?.kind === 'bundle' ? envelope.body : undefined;
}

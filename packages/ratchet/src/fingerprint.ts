// Safety numbers: what two people compare to know that nobody sits between them. Spec: docs/ratchet.md section 10.
import type { Bytes } from './bytes.ts';
import { concat, equal } from './bytes.ts';
import { genericError } from './errors.ts';
import type { PublicKey } from './keys/ec-keys.ts';
import type { Fields } from './messages/protobuf.ts';
import { ProtobufError, readFields, writeFields } from './messages/protobuf.ts';
import { u32 } from './numbers.ts';
import { sha512 } from '#symmetric';

const MIN_ITERATIONS = 2;
const MAX_ITERATIONS = 1_000_000;
/** A constant of the hash, not the scannable form's version. */
const HASH_PREFIX = new Uint8Array(2);
const SCANNED_BYTES = 32;

/** The machine-readable form, for a QR code. */
export class ScannableFingerprint {
  readonly #bytes: Bytes;

  private constructor(bytes: Bytes) {
    this.#bytes = bytes;
  }

  static _fromBuffer(scannable: Uint8Array): ScannableFingerprint {
    return new ScannableFingerprint(new Uint8Array(scannable));
  }

  /**
   * Whether the other side's code shows the same two people.
   * @throws LibSignalErrorBase Generic for another version or bytes that are no code.
   */
  compare(other: ScannableFingerprint): boolean {
    const ours = readScannable(this.#bytes);
    const theirs = readScannable(other.#bytes);
    if (ours.version !== theirs.version) {
      throw genericError('ScannableFingerprint_Compare', 'fingerprint version number mismatch');
    }
    const crossed = equal(theirs.local, ours.remote);
    return equal(theirs.remote, ours.local) && crossed;
  }

  toBuffer(): Bytes {
    return this.#bytes.slice();
  }
}

function readScannable(bytes: Uint8Array): { version: number; local: Bytes; remote: Bytes } {
  const fail = () => genericError('ScannableFingerprint_Compare', 'fingerprint parsing error');
  let outer: Fields;
  let local: Bytes | undefined;
  let remote: Bytes | undefined;
  try {
    outer = readFields(bytes, { 1: 'uint32', 2: 'bytes', 3: 'bytes' });
    local = readFields(outer.bytes(2) ?? new Uint8Array(0), { 1: 'bytes' }).bytes(1);
    remote = readFields(outer.bytes(3) ?? new Uint8Array(0), { 1: 'bytes' }).bytes(1);
  } catch (cause) {
    if (!(cause instanceof ProtobufError)) throw cause;
    throw fail();
  }
  const version = outer.uint32(1);
  if (version === undefined || !local || !remote) throw fail();
  return { version, local, remote };
}

/** The 60 digits that people read to each other. */
export class DisplayableFingerprint {
  readonly #digits: string;

  private constructor(digits: string) {
    this.#digits = digits;
  }

  static _fromString(display: string): DisplayableFingerprint {
    return new DisplayableFingerprint(display);
  }

  toString(): string {
    return this.#digits;
  }
}

/** Both forms, for one pair of people. */
export class Fingerprint {
  readonly #displayable: DisplayableFingerprint;
  readonly #scannable: ScannableFingerprint;

  private constructor(displayable: DisplayableFingerprint, scannable: ScannableFingerprint) {
    this.#displayable = displayable;
    this.#scannable = scannable;
  }

  /**
   * @param iterations - 2 to 1,000,000; Signal uses 5,200.
   * @param version - Of the scannable form; Signal uses 2.
   * @param localIdentifier - A stable id that both sides know; part of the hash.
   * @throws LibSignalErrorBase Generic for other iteration counts.
   */
  // eslint-disable-next-line max-params -- libsignal's call shape
  static new(
    iterations: number,
    version: number,
    localIdentifier: Uint8Array,
    localKey: PublicKey,
    remoteIdentifier: Uint8Array,
    remoteKey: PublicKey,
  ): Fingerprint {
    if (u32(iterations) < MIN_ITERATIONS || iterations > MAX_ITERATIONS) {
      throw genericError('Fingerprint_New', `invalid fingerprint iterations ${iterations}`);
    }
    const local = hashOf(iterations, localIdentifier, localKey.serialize());
    const remote = hashOf(iterations, remoteIdentifier, remoteKey.serialize());
    const [first, second] = [digitsOf(local), digitsOf(remote)].sort();
    const half = (hash: Bytes) => writeFields([1, hash.subarray(0, SCANNED_BYTES)]);
    const scannable = writeFields([1, u32(version)], [2, half(local)], [3, half(remote)]);
    return new Fingerprint(
      DisplayableFingerprint._fromString(`${first}${second}`),
      ScannableFingerprint._fromBuffer(scannable),
    );
  }

  displayableFingerprint(): DisplayableFingerprint {
    return this.#displayable;
  }

  scannableFingerprint(): ScannableFingerprint {
    return this.#scannable;
  }
}

function hashOf(iterations: number, identifier: Uint8Array, key: Uint8Array): Bytes {
  let hash: Bytes = concat(HASH_PREFIX, key, identifier);
  for (let i = 0; i < iterations; i++) hash = sha512(hash, key);
  return hash;
}

/** 30 digits from 30 bytes: five of either at a time. */
function digitsOf(hash: Uint8Array): string {
  let digits = '';
  for (let at = 0; at < 30; at += 5) {
    let value = 0;
    for (const byte of hash.subarray(at, at + 5)) value = value * 256 + byte;
    digits += String(value % 100_000).padStart(5, '0');
  }
  return digits;
}

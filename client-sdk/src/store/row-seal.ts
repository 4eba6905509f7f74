// Seals and opens single rows: nonce ‖ masked key serial ‖ ciphertext (docs/store-format.md section 5).
// Which key a row stands under is hidden from whoever lacks the master key; finding that key is the key ring's work.
import {
  concatBytes,
  deriveKey,
  type HashKey,
  keyedHash,
  NONCE_BYTES,
  randomBytes,
  type SealKey,
  sealWithNonce,
  tryOpenWithNonce,
  wipe,
} from '../crypto/index.ts';
import { SottoError } from '../errors.ts';

export const SERIAL_BYTES = 8;
const BODY_AT = NONCE_BYTES + SERIAL_BYTES;
/** The serial of the vault's own key, which isn't erasable. */
export const OWN_SERIAL = keySerial(new Uint8Array(SERIAL_BYTES));

/** An erasable key's random number as a map key. */
export function keySerial(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

export function serialBytes(serial: string): Uint8Array {
  return Uint8Array.from(serial, (letter) => letter.charCodeAt(0));
}

/** What seals a row: a key and the serial by which a reader finds it again. */
export interface RowKey {
  readonly serial: string;
  readonly sealKey: SealKey;
}

/** One unlocked vault's way with rows. */
export class RowSeal {
  readonly #mask: HashKey;
  /** For rows under no erasable key. */
  readonly own: RowKey;

  constructor(master: HashKey) {
    this.#mask = deriveKey(master, 'hash', 'row-mask');
    this.own = { serial: OWN_SERIAL, sealKey: deriveKey(master, 'seal', 'rows') };
  }

  seal(recordKey: Uint8Array, plaintext: Uint8Array, key: RowKey): Uint8Array {
    const nonce = randomBytes(NONCE_BYTES);
    const sealed = sealWithNonce({ key: key.sealKey, nonce, plaintext, associated: recordKey });
    return concatBytes(nonce, this.#masked(nonce, serialBytes(key.serial)), sealed);
  }

  /** @throws SottoError STORE_CORRUPT */
  serialOf(row: Uint8Array): string {
    if (row.length < BODY_AT) throw new SottoError('STORE_CORRUPT');
    return keySerial(this.#masked(row.subarray(0, NONCE_BYTES), row.subarray(NONCE_BYTES, BODY_AT)));
  }

  /** @throws SottoError STORE_CORRUPT */
  open(recordKey: Uint8Array, row: Uint8Array, sealKey: SealKey): Uint8Array {
    const plaintext = tryOpenWithNonce({
      key: sealKey,
      nonce: row.subarray(0, NONCE_BYTES),
      ciphertext: row.subarray(BODY_AT),
      associated: recordKey,
    });
    if (plaintext === undefined) throw new SottoError('STORE_CORRUPT');
    return plaintext;
  }

  wipe(): void {
    wipe(this.#mask, this.own.sealKey);
  }

  #masked(nonce: Uint8Array, serial: Uint8Array): Uint8Array {
    const masked = keyedHash(this.#mask, nonce, 16).subarray(0, SERIAL_BYTES);
    for (let i = 0; i < SERIAL_BYTES; i++) masked[i] = (masked[i] ?? 0) ^ (serial[i] ?? 0);
    return masked;
  }
}

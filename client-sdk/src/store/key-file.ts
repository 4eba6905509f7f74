// The key file: fixed slots of 128 bytes, overwritten in place (docs/store-format.md section 3). Slots 0 and 1 hold
// the generation, the others one erasable key each; zeros mean free. What keys mean is the key ring's concern.
import {
  asKey,
  concatBytes,
  deriveKey,
  type HashKey,
  randomBytes,
  seal,
  type SealKey,
  SEAL_OVERHEAD,
  tryOpen,
  utf8,
  wipe,
} from '../crypto/index.ts';
import { SottoError } from '../errors.ts';
import type { ByteFile } from './place.ts';
import { keySerial, SERIAL_BYTES } from './row-seal.ts';

export const SLOT_BYTES = 128;
const GENERATION_SLOTS = 2;
const SECRET_BYTES = 32;
const CONTENT_BYTES = 8 + SECRET_BYTES;
const SEALED_BYTES = CONTENT_BYTES + SEAL_OVERHEAD;
/** The file grows by this many slots: 64 KiB. */
const GROWTH_SLOTS = 512;
/** Made durable together, so that a new key seldom costs a wait for the disk. */
const SPARES = 16;

/** An erasable key's random half: it is worth nothing without the keys above it. */
export interface KeySlot {
  readonly index: number;
  readonly serial: string;
  readonly secret: HashKey;
}

/** One unlocked vault's key file. Calls must not overlap; the vault's queue sees to that. */
export class KeyFile {
  readonly #file: ByteFile;
  readonly #key: SealKey;
  readonly #context: Uint8Array;
  readonly #free: number[] = [];
  readonly #spares: KeySlot[] = [];
  #slots = GENERATION_SLOTS;
  #generation = 0;

  private constructor(file: ByteFile, master: HashKey, vaultId: Uint8Array) {
    this.#file = file;
    this.#key = deriveKey(master, 'seal', 'key-file');
    this.#context = concatBytes(utf8('sotto.v1.key-slot'), vaultId);
  }

  /** Makes an empty key file in place of whatever the unfinished making of a vault left. */
  static async create(file: ByteFile, master: HashKey, vaultId: Uint8Array): Promise<KeyFile> {
    const keys = new KeyFile(file, master, vaultId);
    const left = (await file.read())?.length ?? 0;
    await file.write(0, new Uint8Array(Math.max(left, GROWTH_SLOTS * SLOT_BYTES)));
    keys.#addFree(GENERATION_SLOTS, GROWTH_SLOTS);
    await keys.writeGeneration(1);
    await file.sync();
    return keys;
  }

  /** @throws SottoError STORE_CORRUPT where the file is missing, cut short or holds a slot that doesn't open. */
  static async load(
    file: ByteFile,
    master: HashKey,
    vaultId: Uint8Array,
  ): Promise<{ keys: KeyFile; slots: KeySlot[] }> {
    const keys = new KeyFile(file, master, vaultId);
    const bytes = await file.read();
    if (
      bytes === undefined ||
      bytes.length < GENERATION_SLOTS * SLOT_BYTES ||
      bytes.length % SLOT_BYTES !== 0
    ) {
      throw new SottoError('STORE_CORRUPT');
    }
    const slots: KeySlot[] = [];
    for (let index = 0; index < bytes.length / SLOT_BYTES; index++) {
      const slot = bytes.subarray(index * SLOT_BYTES, (index + 1) * SLOT_BYTES);
      const content = tryOpen(keys.#key, slot.subarray(0, SEALED_BYTES), keys.#slotContext(index));
      if (index < GENERATION_SLOTS) {
        // Written in turns: a torn write leaves the other one.
        if (content !== undefined) keys.#generation = Math.max(keys.#generation, readNumber(content));
      } else if (content !== undefined) {
        const secret = asKey('hash', content.slice(8, CONTENT_BYTES));
        slots.push({ index, serial: keySerial(content.subarray(0, SERIAL_BYTES)), secret });
      } else if (slot.every((byte) => byte === 0)) {
        keys.#free.push(index);
      } else {
        throw new SottoError('STORE_CORRUPT');
      }
      wipe(content);
    }
    wipe(bytes);
    if (keys.#generation === 0) throw new SottoError('STORE_CORRUPT');
    keys.#slots = bytes.length / SLOT_BYTES;
    return { keys, slots };
  }

  get generation(): number {
    return this.#generation;
  }

  /** Not durable by itself: after a power loss it may be behind, never ahead of what was written. */
  async writeGeneration(generation: number): Promise<void> {
    const content = new Uint8Array(CONTENT_BYTES);
    new DataView(content.buffer).setBigUint64(0, BigInt(generation));
    await this.#write(generation % GENERATION_SLOTS, content);
    this.#generation = generation;
  }

  async sync(): Promise<void> {
    await this.#file.sync();
  }

  /** A fresh key, already durable. Hand it back by `giveBack` if nothing was sealed under it. */
  async take(): Promise<KeySlot> {
    const spare = this.#spares.pop();
    if (spare !== undefined) return spare;
    if (this.#free.length < SPARES) await this.#grow();
    const made: KeySlot[] = [];
    for (let i = 0; i < SPARES; i++) {
      const index = this.#free.shift();
      if (index === undefined) break;
      const content = randomBytes(CONTENT_BYTES);
      await this.#write(index, content);
      made.push({
        index,
        serial: keySerial(content.subarray(0, SERIAL_BYTES)),
        secret: asKey('hash', content.slice(8)),
      });
      wipe(content);
    }
    await this.#file.sync();
    const [first, ...others] = made;
    if (first === undefined) throw new SottoError('STORE_IO');
    this.#spares.push(...others);
    return first;
  }

  giveBack(slots: readonly KeySlot[]): void {
    this.#spares.push(...slots);
  }

  /** Overwrites these keys, on disk and in memory. Resolves when the disk has it. */
  async erase(slots: readonly KeySlot[]): Promise<void> {
    if (slots.length === 0) return;
    for (const { index } of slots) await this.#file.write(index * SLOT_BYTES, new Uint8Array(SLOT_BYTES));
    await this.#file.sync();
    for (const { index, secret } of slots) {
      wipe(secret);
      this.#free.push(index);
    }
  }

  /** Forgets what is in memory. */
  wipe(): void {
    wipe(this.#key, ...this.#spares.map(({ secret }) => secret));
    this.#spares.length = 0;
  }

  async #grow(): Promise<void> {
    await this.#file.write(this.#slots * SLOT_BYTES, new Uint8Array(GROWTH_SLOTS * SLOT_BYTES));
    this.#addFree(this.#slots, this.#slots + GROWTH_SLOTS);
  }

  #addFree(from: number, to: number): void {
    for (let index = from; index < to; index++) this.#free.push(index);
    this.#slots = to;
  }

  async #write(index: number, content: Uint8Array): Promise<void> {
    const slot = new Uint8Array(SLOT_BYTES);
    slot.set(seal(this.#key, content, this.#slotContext(index)));
    await this.#file.write(index * SLOT_BYTES, slot);
  }

  #slotContext(index: number): Uint8Array {
    const place = new Uint8Array(4);
    new DataView(place.buffer).setUint32(0, index);
    return concatBytes(this.#context, place);
  }
}

function readNumber(content: Uint8Array): number {
  return Number(new DataView(content.buffer, content.byteOffset).getBigUint64(0));
}

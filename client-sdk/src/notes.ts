// Small things that an app keeps with a profile, a persona or a conversation: drafts, how far someone has read, which
// sound they like. Encrypted like everything else in the store, exported with it, erased with what they belong to.
// The SDK never reads them and nothing of them leaves the device.
import { SottoError } from './errors.ts';
import { type Codec, type KeyPath, namedTable, type Vault } from './store/index.ts';

export const MAX_NOTE_BYTES = 65_536;

const asIs: Codec<Uint8Array> = { encode: (value) => value, decode: (bytes) => bytes };
/** Partition: '' (the profile), persona id or conversation id; key: the app's name for it. */
export const notes = namedTable('note', asIs);

/** A few named values of at most 64 KiB each. */
export class Notes {
  private readonly vault: Vault;
  private readonly partition: string;
  private readonly under: KeyPath | undefined;

  /** @internal */
  constructor(vault: Vault, partition: string, under?: KeyPath) {
    this.vault = vault;
    this.partition = partition;
    this.under = under;
  }

  get(name: string): Promise<Uint8Array | undefined> {
    return this.vault.read((view) => notes.get(view, this.partition, name));
  }

  /**
   * Durable once resolved.
   * @param value - undefined: takes the note away.
   * @throws SottoError CONTENT_TOO_LONG
   */
  async set(name: string, value: Uint8Array | undefined): Promise<void> {
    if (value !== undefined && value.length > MAX_NOTE_BYTES) throw new SottoError('CONTENT_TOO_LONG');
    await this.vault.transact(async (tx) => {
      if (value === undefined) notes.del(tx, this.partition, name);
      else
        await notes.put(
          tx,
          { partition: this.partition, key: name, value },
          this.under && { under: this.under },
        );
    });
  }
}

// Under which names channels lie in Redis: hidden ones, made from their ids with the relay's secret, so that nobody who
// has the database alone can look a known id up. Not its concern: what lies there (docs/redis.md).

import { hashId, type SealKey } from '../../crypto/at-rest-seal.ts';
import type { ChannelId } from '../channel-store.ts';

/** Begins every key. */
export const DEFAULT_PREFIX = 'sotto:';

export class Names {
  readonly prefix: string;
  readonly #key: SealKey;

  constructor(key: SealKey, prefix: string) {
    this.#key = key;
    this.prefix = prefix;
  }

  /** What all keys of the channel with this readId begin with; the braces keep them in one slot. */
  base(readId: ChannelId): string {
    return this.#base(hashId(this.#key, `read ${readId}`));
  }

  /** The same from the tag, as it stands under a writeId. */
  baseOfTag(tag: Buffer): string {
    return this.#base(tag);
  }

  #base(tag: Buffer): string {
    return `${this.prefix}{${tag.toString('base64url')}}`;
  }

  tag(readId: ChannelId): Buffer {
    return hashId(this.#key, `read ${readId}`);
  }

  writeHash(writeId: ChannelId): Buffer {
    return hashId(this.#key, `write ${writeId}`);
  }

  /** The key that leads from a writeId to its channel; in a slot of its own. */
  writeKey(writeHash: Buffer): string {
    return `${this.prefix}w:${writeHash.toString('base64url')}`;
  }

  /** Which relay's channels these are. */
  owner(): string {
    return hashId(this.#key, 'owner').toString('base64url');
  }

  get format(): string {
    return `${this.prefix}format`;
  }

  get closed(): string {
    return `${this.prefix}closed`;
  }

  get promise(): string {
    return `${this.prefix}promise`;
  }

  /** What the last count of everything found. */
  get counted(): string {
    return `${this.prefix}counted`;
  }

  /** Whose turn it is to count: somebody's already, while it is there. */
  get counting(): string {
    return `${this.prefix}counting`;
  }

  get records(): string {
    return `${this.prefix.replaceAll(/[*?[\]\\]/g, '\\$&')}{*}c`;
  }
}

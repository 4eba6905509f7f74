// Operations under a grant: finds the channel that the grant is of, runs the script on it, and lets those who watch it
// know when it turns out to be gone. Called by all parts of the store. Not its concern: which script, what its answer means.

import type { Grant } from '../channel-store.ts';
import { Refusal } from '../refusal.ts';
import type { Asker } from './asking.ts';
import type { Entries, Entry } from './entry.ts';
import { Codes } from './lua/parts.ts';
import { accepted } from './replies.ts';
import type { Script } from './script.ts';
import type { Watching } from './watching.ts';
import type { Argument } from './words.ts';

export class Granted {
  readonly #entries: Entries;
  readonly #asker: Asker;
  readonly #watching: Watching;

  constructor(entries: Entries, asker: Asker, watching: Watching) {
    this.#entries = entries;
    this.#asker = asker;
    this.#watching = watching;
  }

  /** @throws Refusal UNKNOWN. */
  entry({ channel }: Pick<Grant, 'channel'>): Entry {
    const entry = this.#entries.get(channel);
    if (entry === undefined) throw new Refusal('UNKNOWN');
    return entry;
  }

  /** Answers what follows the code. @throws Refusal, as the script decides. */
  async run(script: Script, entry: Entry, words: readonly Argument[]): Promise<readonly unknown[]> {
    const reply = await this.#asker.run(script, entry.base, entry.incarnation, words);
    // Perhaps the event of it was lost: whoever watches finds out now.
    if (reply[1] !== Codes.OK && entry.watchers.length > 0) this.#watching.look(entry);
    return accepted(reply);
  }
}

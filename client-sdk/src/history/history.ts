// Reading a conversation's history: pages, search, and the endless iteration over what is new. Consumers hold a
// position, not a buffer: whoever is slow reads from the store later, so that nothing grows in memory.
import type { Vault } from '../store/index.ts';
import { type Cursor, type Message, toMessage } from './message.ts';
import { type Line, linePositions, lines } from './record.ts';

const DEFAULT_LIMIT = 50;
const PAGE = 64;
const MAX_FOUND = 200;

/** A stretch of a history. */
export interface HistoryRange {
  /** Not this place and none after it. */
  readonly before?: Cursor;
  /** This place and what follows: a page begins here rather than ending before `before`. */
  readonly from?: Cursor;
  /** At most so many; 50 unless said. */
  readonly limit?: number;
}

export class History {
  private readonly vault: Vault;
  private readonly conversation: string;
  private readonly now: () => number;
  private wakers = new Set<() => void>();
  private ended = false;
  private announced = 0;

  constructor(vault: Vault, conversation: string, now: () => number) {
    this.vault = vault;
    this.conversation = conversation;
    this.now = now;
  }

  /** What expired is hidden at once, also before it is deleted. */
  private isLive(line: Line): boolean {
    return line.expiresAt === 0 || line.expiresAt > this.now();
  }

  /**
   * Oldest first: the newest `limit` before `before`, or with `from` the first `limit` from there on.
   * @param shown - What of a message is shown; undefined: nothing, and then it doesn't count as one of `limit`.
   */
  async page(
    options: HistoryRange = {},
    shown: (message: Message) => Message | undefined = (message) => message,
  ): Promise<Message[]> {
    const { before, from, limit = DEFAULT_LIMIT } = options;
    const found: Message[] = [];
    await this.vault.read(async (view) => {
      const range = {
        reverse: from === undefined,
        ...(before === undefined ? {} : { before }),
        ...(from === undefined ? {} : { after: from - 1 }),
      };
      for await (const { key, value } of lines.scan(view, this.conversation, range)) {
        const message = this.isLive(value) ? shown(toMessage(this.conversation, key, value)) : undefined;
        if (message !== undefined) found.push(message);
        if (found.length >= limit) break;
      }
    });
    return from === undefined ? found.reverse() : found;
  }

  /** Messages whose text holds these words in this order, in any case; newest first, at most 200. */
  async search(text: string): Promise<Message[]> {
    const wanted = fold(text);
    const found: Message[] = [];
    if (wanted === '') return found;
    await this.vault.read(async (view) => {
      for await (const { key, value } of lines.scan(view, this.conversation, { reverse: true })) {
        if (!this.isLive(value) || !fold(value.text).includes(wanted)) continue;
        found.push(toMessage(this.conversation, key, value));
        if (found.length >= MAX_FOUND) break;
      }
    });
    return found;
  }

  /** One message by its place. */
  async at(position: number): Promise<Message | undefined> {
    const line = await this.vault.read((view) => lines.get(view, this.conversation, position));
    if (line === undefined || !this.isLive(line)) return undefined;
    return toMessage(this.conversation, position, line);
  }

  /** One message by its id. */
  async withId(id: string): Promise<Message | undefined> {
    const index = await this.vault.read((view) => linePositions.get(view, this.conversation, id));
    return index === undefined ? undefined : this.at(index.position);
  }

  /** The last place that is taken. */
  async end(): Promise<number> {
    let last = 0;
    await this.vault.read(async (view) => {
      for await (const { key } of lines.scan(view, this.conversation, { reverse: true, limit: 1 }))
        last = key;
    });
    return last;
  }

  /** Everything up to this place was announced: the rest of the SDK knows of it, so people may. */
  announce(position: number): void {
    this.announced = Math.max(this.announced, position);
    this.wake();
  }

  private wake(): void {
    const wakers = this.wakers;
    this.wakers = new Set();
    for (const waker of wakers) waker();
  }

  /** Ends every iteration. */
  close(): void {
    this.ended = true;
    this.wake();
  }

  /** What is not mine from here on, in order, each once; many may iterate at once, each at its pace. */
  async *follow(start: Promise<number>): AsyncGenerator<Message, void, undefined> {
    let after = await start;
    this.announced = Math.max(this.announced, after);
    for (;;) {
      const woken = new Promise<void>((resolve) => this.wakers.add(resolve));
      if (this.ended) return;
      const batch: { key: number; message: Message; hidden: boolean }[] = [];
      const range = { after, before: this.announced + 1, limit: PAGE };
      await this.vault.read(async (view) => {
        for await (const { key, value } of lines.scan(view, this.conversation, range)) {
          const hidden = value.mine || !this.isLive(value);
          batch.push({ key, message: toMessage(this.conversation, key, value), hidden });
        }
      });
      for (const { key, message, hidden } of batch) {
        after = key;
        if (!hidden) yield message;
      }
      if (batch.length === 0) await woken;
    }
  }
}

function fold(text: string): string {
  return text.normalize('NFKC').toLocaleLowerCase();
}

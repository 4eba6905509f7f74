// What this device remembers about a conversation besides its messages: the draft, how far was read, whether the safety
// number was compared. One encrypted note, written as often as the store keeps up with, the last state winning.
import type { Notes } from '@sotto/client';

export interface Marks {
  readonly draft: string;
  /** Place of the last message that was read. */
  readonly read: number;
  readonly compared: boolean;
  /** ms since 1970: when this device first saw the conversation. */
  readonly since: number;
}

const NAME = 'marks';
const MAX_DRAFT_CHARS = 20_000;

export class MarkKeeper {
  private readonly notes: Notes;
  private held: Marks;
  private writing: Promise<void> | undefined;
  private isStale = false;

  private constructor(notes: Notes, held: Marks) {
    this.notes = notes;
    this.held = held;
  }

  static async load(notes: Notes, nowMs: number): Promise<MarkKeeper> {
    const stored = await notes.get(NAME);
    const keeper = new MarkKeeper(notes, stored === undefined ? fresh(nowMs) : decode(stored, nowMs));
    if (stored === undefined) void keeper.change({}).catch(() => undefined);
    return keeper;
  }

  get marks(): Marks {
    return this.held;
  }

  /** Resolves once this or a later state is durable. */
  change(fields: Partial<Marks>): Promise<void> {
    this.held = { ...this.held, ...fields };
    if (fields.draft !== undefined)
      this.held = { ...this.held, draft: fields.draft.slice(0, MAX_DRAFT_CHARS) };
    this.isStale = true;
    this.writing ??= this.writeAll().finally(() => {
      this.writing = undefined;
    });
    return this.writing;
  }

  private async writeAll(): Promise<void> {
    while (this.isStale) {
      this.isStale = false;
      await this.notes.set(NAME, new TextEncoder().encode(JSON.stringify(this.held)));
    }
  }
}

const fresh = (nowMs: number): Marks => ({ draft: '', read: 0, compared: false, since: nowMs });

/** Read as data that a later version may have written: what it doesn't understand counts as absent. */
function decode(bytes: Uint8Array, nowMs: number): Marks {
  const base = fresh(nowMs);
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return base;
  }
  if (typeof parsed !== 'object' || parsed === null) return base;
  const { draft, read, compared, since } = parsed as Record<string, unknown>;
  return {
    draft: typeof draft === 'string' ? draft : base.draft,
    read: typeof read === 'number' ? read : base.read,
    compared: compared === true,
    since: typeof since === 'number' ? since : base.since,
  };
}

// Events on their way to the page, in lots: the first leaves at once, what follows within a tenth of a second leaves
// together, changes of one message merge. So a thousand messages after a night offline are a handful of messages.
import type { BackendEvent, MessageView } from '../backend/backend.ts';

const LOT_MS = 100;

interface Changes {
  readonly changed: Map<string, MessageView>;
  readonly removed: Set<string>;
}

/** The last of these says all that the earlier ones said. */
const STATES: ReadonlySet<BackendEvent['type']> = new Set([
  'boot',
  'personas',
  'conversations',
  'connection',
  'promise',
]);

export class Outgoing {
  private readonly send: (events: readonly BackendEvent[]) => void;
  private events: BackendEvent[] = [];
  private readonly messages = new Map<string, Changes>();
  private readonly asked = new Map<string, () => BackendEvent | undefined>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private lastSent = -Infinity;

  constructor(send: (events: readonly BackendEvent[]) => void) {
    this.send = send;
  }

  add(event: BackendEvent): void {
    if (STATES.has(event.type)) this.events = this.events.filter(({ type }) => type !== event.type);
    this.events.push(event);
    this.schedule();
  }

  /** Asks for an event when the next lot leaves, however often something asked for it until then. */
  addLater(name: string, make: () => BackendEvent | undefined): void {
    this.asked.set(name, make);
    this.schedule();
  }

  changed(conversation: string, message: MessageView): void {
    const { changed, removed } = this.of(conversation);
    removed.delete(message.id);
    changed.set(message.id, message);
    this.schedule();
  }

  removed(conversation: string, id: string): void {
    const { changed, removed } = this.of(conversation);
    changed.delete(id);
    removed.add(id);
    this.schedule();
  }

  /** Drops what wasn't sent: it tells of a session that is over. */
  clear(): void {
    this.events = [];
    this.messages.clear();
    this.asked.clear();
  }

  /** Sends what waits now. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const events = [...this.events];
    for (const [conversation, { changed, removed }] of this.messages) {
      const inOrder = [...changed.values()].sort((a, b) => a.order - b.order);
      events.push({ type: 'messages', conversation, changed: inOrder, removed: [...removed] });
    }
    for (const make of this.asked.values()) {
      const event = make();
      if (event !== undefined) events.push(event);
    }
    this.clear();
    if (events.length === 0) return;
    this.lastSent = Date.now();
    this.send(events);
  }

  private of(conversation: string): Changes {
    const known = this.messages.get(conversation) ?? { changed: new Map(), removed: new Set() };
    this.messages.set(conversation, known);
    return known;
  }

  private schedule(): void {
    const wait = Math.max(0, this.lastSent + LOT_MS - Date.now());
    this.timer ??= setTimeout(() => {
      this.flush();
    }, wait);
  }
}

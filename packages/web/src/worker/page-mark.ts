// The mark that a store exists, as the SDK wants it: kept by the page in localStorage, which workers don't have and which
// browsers keep when they evict databases. It also tells which kind of secret to ask for before anything is opened.
import type { PresenceMarker } from '@sotto/client';
import type { Mark, ToPage } from '../backend/worker-protocol.ts';

/** A page that doesn't answer has gone; the next start will set the mark. */
const ANSWER_MS = 1_000;

export class PageMark implements PresenceMarker {
  /** What `set` writes: how the store is protected. */
  method: Mark = 'none';
  private current: Mark | undefined;
  private nextId = 1;
  private readonly waiting = new Map<number, () => void>();
  private readonly post: (message: ToPage) => void;
  private readonly begun: Promise<void>;
  private ready: () => void = () => undefined;

  constructor(post: (message: ToPage) => void) {
    this.post = post;
    this.begun = new Promise((resolve) => {
      this.ready = resolve;
    });
  }

  /** The page told what it has. */
  begin(mark: Mark | undefined): void {
    this.current = mark;
    if (mark !== undefined) this.method = mark;
    this.ready();
  }

  written(id: number): void {
    this.waiting.get(id)?.();
    this.waiting.delete(id);
  }

  async isSet(): Promise<boolean> {
    await this.begun;
    return this.current !== undefined;
  }
  set(): Promise<void> {
    return this.write(this.method);
  }
  clear(): Promise<void> {
    return this.write(undefined);
  }

  private write(mark: Mark | undefined): Promise<void> {
    if (this.current === mark) return Promise.resolve();
    this.current = mark;
    const id = this.nextId++;
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      setTimeout(() => {
        this.written(id);
      }, ANSWER_MS);
      this.post({ type: 'mark', id, mark });
    });
  }
}

// The page's end of the worker: `Backend` over messages. It starts the worker, starts a fresh one after locking and
// erasing (so that nothing of keys is left in its memory), and keeps the mark that outlives an eviction of the store.
// Not its concern: what the calls do (worker/), what is shown.
import { WebError } from '../errors.ts';
import { takeWorker, trustedScriptUrl } from '../first.ts';
import { sweepBrowser } from '../safety/wipe.ts';
import type { Backend, BackendEvent, Boot } from './backend.ts';
import {
  type Mark,
  MARKS,
  type Method,
  type ToPage,
  type ToWorker,
  type WireError,
} from './worker-protocol.ts';

const MARK_KEY = 'sotto-store';
/** How long locking waits for connections to end in good order, and erasing for the worker, before it does without. */
const CLOSE_MS = 1_500;
const WIPE_MS = 5_000;

/** Calls that are the worker's alone. The others need something of the page as well. */
const PASSED_ON = [
  'begin',
  'unlock',
  'takeOver',
  'setSecret',
  'createPersona',
  'setOnline',
  'setStays',
  'retirePersona',
  'burnPersona',
  'createInvite',
  'invites',
  'revokeInvite',
  'accept',
  'history',
  'search',
  'send',
  'sendFile',
  'cancelFile',
  'openFile',
  'stopFile',
  'retry',
  'react',
  'edit',
  'retract',
  'setTimer',
  'saveDraft',
  'markRead',
  'safetyNumber',
  'markCompared',
  'compareScanned',
  'block',
  'leave',
  'remove',
  'exportAll',
  'importAll',
  'directory',
  'lookAtRoom',
  'joinRoom',
  'joinCircle',
  'createRoom',
  'roomLink',
  'roomDetails',
  'roomDeed',
  'promise',
  'poke',
] as const satisfies readonly Method[];

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Starts the worker of this site. */
export function connectWorker(): Backend {
  const end = new WorkerEnd();
  const passed = Object.fromEntries(
    PASSED_ON.map((method) => [method, (...args: unknown[]) => end.call(method, args)]),
  ) as unknown as Pick<Backend, (typeof PASSED_ON)[number]>;
  return {
    ...passed,
    isFirstVisit: readMark() === undefined,
    async begin(options) {
      askForPersistence();
      await passed.begin(options);
    },
    async importAll(file, passphrase) {
      askForPersistence();
      await passed.importAll(file, passphrase);
    },
    boot: () => end.boot(),
    lock: () => end.lock(),
    wipe: () => end.wipe(),
    dialAhead: (link) => {
      end.dialAhead(link);
    },
    on: (listener) => end.on(listener),
    drop: () => {
      end.drop();
    },
  };
}

/** Some browsers ask the person, others decide by themselves; the worker tells when it wasn't granted. */
function askForPersistence(): void {
  void navigator.storage.persist().catch(() => false);
}

class WorkerEnd {
  private worker: Worker | undefined;
  private dropped = false;
  private early: ToWorker[] | undefined = [];
  private nextId = 1;
  private readonly waiting = new Map<number, Waiting>();
  private readonly listeners = new Set<(event: BackendEvent) => void>();
  private closed: (() => void) | undefined;

  constructor() {
    this.start();
  }

  call(method: Method, args: readonly unknown[]): Promise<unknown> {
    const { worker } = this;
    if (worker === undefined) return Promise.reject(new WebError('WEB_ENDED'));
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.post(worker, { type: 'call', id, method, args });
    });
  }

  dialAhead(link: string): void {
    if (this.worker !== undefined) this.post(this.worker, { type: 'dial', link });
  }

  async boot(): Promise<Boot> {
    try {
      return (await this.call('boot', [])) as Boot;
    } catch (error) {
      if ((error as WireError).code === 'WEB_ENDED') return { state: 'unsupported', what: 'worker' };
      throw error;
    }
  }

  /** Ends the session in good order where that is quick, then ends the worker with all that it holds in memory. */
  async lock(): Promise<void> {
    const ended = new Promise<void>((resolve) => {
      this.closed = resolve;
    });
    if (this.worker !== undefined) this.post(this.worker, { type: 'close' });
    await Promise.race([ended, pause(CLOSE_MS)]);
    await this.startAnew();
  }

  /** Through the worker, which overwrites keys in place; through a fresh one if it hangs; then all that is left. */
  async wipe(): Promise<void> {
    const wiped = this.call('wipe', []).then(
      () => true,
      () => false,
    );
    if (!(await Promise.race([wiped, pause(WIPE_MS)]))) {
      this.stop();
      this.start();
      await Promise.race([this.call('wipe', []).catch(() => undefined), pause(WIPE_MS)]);
    }
    this.stop();
    await sweepBrowser();
    await this.startAnew();
  }

  on(listener: (event: BackendEvent) => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  drop(): void {
    this.dropped = true;
    this.stop();
  }

  private async startAnew(): Promise<void> {
    this.stop();
    this.start();
    if (this.dropped) return;
    this.tell([{ type: 'boot', boot: await this.boot() }]);
  }

  private start(): void {
    if (this.dropped) return;
    // The first was started before the page itself was there; what it said meanwhile is heard below.
    const ahead = takeWorker();
    let worker: Worker;
    try {
      worker = ahead?.worker ?? new Worker(trustedScriptUrl(SOTTO_WORKER_URL), { type: 'module' });
    } catch {
      return;
    }
    let isAlive = false;
    worker.onmessage = ({ data }: MessageEvent<ToPage>) => {
      isAlive = true;
      this.hear(worker, data);
    };
    worker.onerror = () => {
      if (this.worker !== worker) return;
      // It never loaded. Later, something in it threw outside of any call, and the rest of it goes on.
      if (!isAlive) this.stop();
      else this.tell([{ type: 'trouble', kind: 'other', code: 'WEB_INTERNAL' }]);
    };
    this.worker = worker;
    this.early = [];
    this.post(worker, { type: 'hello', mark: readMark() });
    for (const { data } of ahead?.early ?? []) {
      isAlive = true;
      this.hear(worker, data);
    }
    if (ahead?.hasFailed === true && !isAlive) this.stop();
  }

  /** Keeps what is said before the worker listens, in order. */
  private post(worker: Worker, message: ToWorker): void {
    if (this.early === undefined) worker.postMessage(message);
    else this.early.push(message);
  }

  private stop(): void {
    this.worker?.terminate();
    this.worker = undefined;
    const waiting = [...this.waiting.values()];
    this.waiting.clear();
    for (const { reject } of waiting) reject(new WebError('WEB_ENDED'));
  }

  private hear(worker: Worker, message: ToPage): void {
    if (worker !== this.worker) return;
    switch (message.type) {
      case 'ready': {
        const early = this.early ?? [];
        this.early = undefined;
        for (const kept of early) worker.postMessage(kept);
        return;
      }
      case 'broken':
        this.stop();
        return;
      case 'result':
      case 'error': {
        const waiting = this.waiting.get(message.id);
        this.waiting.delete(message.id);
        if (message.type === 'result') waiting?.resolve(message.value);
        else waiting?.reject(Object.assign(new Error(message.error.code), message.error));
        return;
      }
      case 'events':
        this.tell(message.events);
        return;
      case 'mark':
        writeMark(message.mark);
        worker.postMessage({ type: 'marked', id: message.id } satisfies ToWorker);
        return;
      case 'closed':
        this.closed?.();
    }
  }

  private tell(events: readonly BackendEvent[]): void {
    for (const event of events) for (const listener of [...this.listeners]) listener(event);
  }
}

function readMark(): Mark | undefined {
  try {
    const found = localStorage.getItem(MARK_KEY);
    return MARKS.find((mark) => mark === found);
  } catch {
    return undefined;
  }
}

function writeMark(mark: Mark | undefined): void {
  try {
    if (mark === undefined) localStorage.removeItem(MARK_KEY);
    else localStorage.setItem(MARK_KEY, mark);
  } catch {
    // Storage that is forbidden: then an eviction looks like a first visit.
  }
}

function pause(ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

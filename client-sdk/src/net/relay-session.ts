// A session: one connection to one relay, kept up, and on it everything that the caller registered. It dials, waits
// and dials again; each new connection gets the creations, then the rights, proved and restored in one flight.
// Not its concern: several relays or personas (the caller opens several sessions), what is in a block.

import { watchNetwork } from '#websocket';
import type { Policy, Welcome } from '@sotto/wire';
import { asKey, ready, type VerifyKey } from '../crypto/index.ts';
import { SottoError } from '../errors.ts';
import { LET_IN_FAILURES, pauseMs, RECONNECT } from './backoff.ts';
import { type Chance, type Clock, systemChance, systemClock } from './clock.ts';
import { Connection, type ConnectionEnd } from './connection.ts';
import { Creation } from './creation.ts';
import type { HeldRight, RightHost } from './held-right.ts';
import { Live } from './live.ts';
import { Owner } from './owner.ts';
import { checkPromise, type Observed, type PromiseReport } from './promise-check.ts';
import { fetchPromise } from './promise.ts';
import { Reader } from './reader.ts';
import { relayUrls } from './relay-url.ts';
import { DEFAULT_TIMING } from './timing.ts';
import type * as Net from './types.ts';
import { Writer } from './writer.ts';

/**
 * Opens a session, which dials at once and goes on until `close()`.
 * @throws SottoError NET_URL; CRYPTO_KEY_LENGTH.
 */
export function openRelaySession(options: Net.SessionOptions): Net.RelaySession {
  return new Session(options);
}

class Session implements Net.RelaySession, RightHost {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly #options: Net.SessionOptions;
  readonly #urls;
  readonly #relayKey: VerifyKey;
  readonly #timing: Net.Timing;
  readonly #listeners = new Set<(status: Net.SessionStatus) => void>();
  readonly #creations = new Set<Creation>();
  readonly #rights = new Set<HeldRight>();
  readonly #observed: Observed = { ttlSeconds: {} };
  readonly #unwatch: () => void;
  #status: Net.SessionStatus = { state: 'connecting' };
  #connection: Connection | undefined;
  #live: Live | undefined;
  #network = true;
  #failures = 0;
  /** The relay asked not to be dialled before. */
  #notBefore = 0;
  #cancelTimer: (() => void) | undefined;
  #clockSkewSeconds: number | undefined;
  #isClosed = false;
  #closing: Promise<void> | undefined;

  constructor(options: Net.SessionOptions) {
    this.#options = options;
    this.clock = options.clock ?? systemClock;
    this.chance = options.chance ?? systemChance;
    this.#urls = relayUrls(options.url, options.allowPlain);
    this.#relayKey = asKey('verify', options.relayKey);
    this.#timing = { ...DEFAULT_TIMING, ...options.timing };
    if (options.onState !== undefined) this.#listeners.add(options.onState);
    this.#unwatch = watchNetwork((available) => {
      this.setNetwork(available);
    });
    this.#dial();
  }

  get status(): Net.SessionStatus {
    return this.#status;
  }
  get live(): Live | undefined {
    return this.#live;
  }

  onState(listener: (status: Net.SessionStatus) => void): Net.Unsubscribe {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  async create(spec: Net.ChannelSpec, signal?: AbortSignal): Promise<Net.CreatedChannel> {
    this.#mustBeOpen();
    if (signal?.aborted === true) throw new SottoError('NET_CLOSED');
    const creation = new Creation(this, spec, (over) => this.#creations.delete(over));
    this.#creations.add(creation);
    const stop = (): void => {
      creation.end(new SottoError('NET_CLOSED'));
    };
    signal?.addEventListener('abort', stop);
    creation.attach();
    const created = await creation.result.finally(() => signal?.removeEventListener('abort', stop));
    if ((spec.ttlSeconds ?? 0) === 0 && !created.existed) this.#noteTtl(spec.policy, created.ttlSeconds);
    return created;
  }

  reader(options: Net.ReaderOptions): Net.ReaderHandle {
    return this.#hold(new Reader(this, options));
  }
  writer(options: Net.WriterOptions): Net.WriterHandle {
    return this.#hold(new Writer(this, options));
  }
  owner(options: Net.OwnerOptions): Net.OwnerHandle {
    return this.#hold(new Owner(this, options));
  }

  async promise(): Promise<PromiseReport> {
    this.#mustBeOpen();
    const relayKey = this.#relayKey;
    const promise = await fetchPromise({ url: this.#urls.promise, relayKey, agent: this.#options.agent });
    const skew = this.#clockSkewSeconds;
    const now = skew === undefined ? {} : { nowSeconds: Date.now() / 1000 + skew };
    return checkPromise({ promise, relayKey, observed: this.#observed, ...now });
  }

  poke(): void {
    if (this.#status.state === 'online') this.#connection?.ping();
    if (this.#status.state !== 'backing-off') return;
    const waitMs = this.#notBefore - this.clock.now();
    if (waitMs <= 0) this.#dial();
  }

  setNetwork(available: boolean): void {
    this.#network = available;
    if (available && this.#status.state === 'offline') this.#dial();
    else if (available) this.poke();
    // A connection that still works is better evidence than the platform's word: it is only asked.
    else if (this.#status.state === 'online') this.#connection?.ping();
    else if (this.#status.state === 'backing-off') this.#rest();
  }

  retry(): void {
    if (this.#status.state === 'refused') this.#dial();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  // ───── what rights ask of their host ─────

  onNamed(): void {
    for (const creation of this.#creations) creation.attach();
  }
  forget(right: HeldRight): void {
    this.#rights.delete(right);
  }

  #hold<T extends HeldRight>(right: T): T {
    this.#mustBeOpen();
    this.#rights.add(right);
    right.attach();
    return right;
  }

  #mustBeOpen(): void {
    if (this.#isClosed) throw new SottoError('NET_CLOSED');
  }

  #noteTtl(policy: Policy, ttlSeconds: number): void {
    this.#observed.ttlSeconds[policy] = ttlSeconds;
  }

  #dial(): void {
    this.#stopTimer();
    this.#setStatus({ state: 'connecting', ...this.#lastError() });
    // The primitives load once in a process; afterwards this costs a turn.
    void ready().then(() => {
      if (!this.#isClosed && this.#status.state === 'connecting' && this.#connection === undefined) {
        this.#connect();
      }
    });
  }

  #connect(): void {
    const connection: Connection = new Connection({
      url: this.#urls.socket,
      relayKey: this.#relayKey,
      clock: this.clock,
      chance: this.chance,
      timing: this.#timing,
      agent: this.#options.agent,
      dialled: this.#options.dialled,
      onReady: (welcome) => {
        this.#online(connection, welcome);
      },
      onFrame: (frame) => {
        this.#live?.route(frame);
      },
      onEnd: (end) => {
        this.#ended(end);
      },
    });
    this.#connection = connection;
  }

  #online(connection: Connection, welcome: Welcome): void {
    this.#live = new Live(connection);
    this.#observed.promiseVersion = welcome.promiseVersion;
    this.#clockSkewSeconds = Math.round(welcome.time - Date.now() / 1000);
    // Let in by the right relay: it is alive, whatever came before. Only one that lasts is dialled at once again.
    this.#failures = Math.min(this.#failures, LET_IN_FAILURES);
    this.#cancelTimer = this.clock.after(this.#timing.stableMs, () => {
      this.#failures = 0;
    });
    for (const creation of this.#creations) creation.attach();
    // Reading first: what waits there was sent before anything that is still to be written.
    const busy = (right: HeldRight): number => (right instanceof Reader ? 0 : right.idle ? 2 : 1);
    for (const right of [...this.#rights].sort((a, b) => busy(a) - busy(b))) right.attach();
    this.#setStatus({ state: 'online', clockSkewSeconds: this.#clockSkewSeconds });
  }

  #ended({ error, atLeastMs }: ConnectionEnd): void {
    this.#stopTimer();
    this.#connection = undefined;
    this.#live = undefined;
    for (const creation of [...this.#creations]) creation.detach();
    for (const right of [...this.#rights]) right.detach();
    if (this.#isClosed) return;
    if (error.retry === 'never') {
      this.#setStatus({ state: 'refused', error });
      return;
    }
    this.#notBefore = this.clock.now() + atLeastMs;
    this.#rest(error);
  }

  /** Waits for the next attempt, or for the network. */
  #rest(error = this.#status.error): void {
    this.#stopTimer();
    const because = error === undefined ? {} : { error };
    if (!this.#network) {
      this.#setStatus({ state: 'offline', ...because });
      return;
    }
    const atLeastMs = Math.max(0, this.#notBefore - this.clock.now());
    const retryInMs = pauseMs({
      range: RECONNECT,
      failures: this.#failures++,
      chance: this.chance,
      atLeastMs,
    });
    this.#cancelTimer = this.clock.after(retryInMs, () => {
      this.#dial();
    });
    this.#setStatus({ state: 'backing-off', retryInMs, ...because });
  }

  async #close(): Promise<void> {
    this.#isClosed = true;
    const error = new SottoError('NET_CLOSED');
    for (const creation of [...this.#creations]) creation.end(error);
    for (const right of [...this.#rights]) right.end(error);
    this.#rights.clear();
    this.#stopTimer();
    this.#unwatch();
    const connection = this.#connection;
    this.#setStatus({ state: 'closed' });
    this.#listeners.clear();
    await connection?.close();
  }

  #setStatus(status: Net.SessionStatus): void {
    this.#status = status;
    for (const listener of [...this.#listeners]) listener(status);
  }

  #lastError(): { error?: SottoError } {
    const { error } = this.#status;
    return error === undefined ? {} : { error };
  }

  #stopTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }
}

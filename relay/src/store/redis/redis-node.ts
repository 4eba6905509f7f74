// One Redis server: a connection for commands, one for wake-ups, and, where appends wait for replicas, one that waits.
// It is up only while all are connected and the server has passed its check. Not its concern: which channel is where
// (topology.ts), what messages mean (watching.ts).

import { createClient, RESP_TYPES } from 'redis';
import { connectionOptions, type RedisAccess, type RedisAddress } from './addresses.ts';
import { checkNode, UnfitRedis, type NodeFacts } from './node-check.ts';
import { Refusal } from '../refusal.ts';
import type { Script } from './script.ts';

const bytes = { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer }, timeout: 0 } as const;
const recheckMs = 1_000;
const beatMs = 1_000;
/** Without an answer for so long the server counts as away; new work is refused until it speaks again. */
const silenceMs = 3_000;
/** How long replicas may take before an append that waits for them is refused. */
const replicaMs = 2_000;

type Client = ReturnType<typeof createClient>;
type Argument = string | Buffer;

/** Never connected. Each client made anew would build a class with all commands again: 10 ms and some megabytes. */
let prototype: Client | undefined;

/** What a node tells its owner. */
export interface NodeEvents {
  /** May this server be used, with what was found? A throw keeps it down until the next look. */
  accept(facts: NodeFacts, node: RedisNode): void;
  up(node: RedisNode): void;
  /** What the server's clock says, about once a second. */
  time(seconds: number): void;
  message(text: Buffer, channel: string): void;
  /** The subscription stands: what was published from here on will be heard. */
  subscribed(channel: string): void;
  /** The server says that the channel is no longer its to serve. */
  moved(): void;
}

export interface NodeOptions {
  readonly address: RedisAddress;
  readonly access: RedisAccess;
  /** Replicas that must have an append before it counts as durable. */
  readonly replicas: number;
}

interface Subscription {
  isStanding: boolean;
  isAsked: boolean;
}

export class RedisNode {
  readonly address: string;
  facts: NodeFacts | undefined;
  /** Why it isn't up, if its check failed. */
  unfit: string | undefined;
  readonly #options: NodeOptions;
  readonly #events: NodeEvents;
  readonly #commands: Client;
  readonly #listening: Client;
  readonly #waiting: Client | undefined;
  readonly #wanted = new Map<string, Subscription>();
  #isUp = false;
  #isClosed = false;
  #isChecking = false;
  #recheck: NodeJS.Timeout | undefined;
  readonly #beat: NodeJS.Timeout;
  #askedAt = 0;
  #fence: { promise: Promise<void>; key: string } | undefined;
  #isFencing: Promise<void> = Promise.resolve();

  constructor(options: NodeOptions, events: NodeEvents) {
    this.#options = options;
    this.#events = events;
    this.address = `${options.address.host}:${String(options.address.port)}`;
    this.#commands = this.#connection();
    this.#listening = this.#connection();
    this.#waiting = options.replicas > 0 ? this.#connection() : undefined;
    this.#listening.on('ready', () => {
      this.#resubscribe();
    });
    // The client sees that a slot has left this server, and forgets the channels that were in it.
    this.#listening.on('__MOVED', () => {
      this.#lostAll();
      events.moved();
    });
    this.#listening.on('sharded-channel-moved', (channel: string) => {
      const subscription = this.#wanted.get(channel);
      if (subscription !== undefined) subscription.isStanding = false;
      events.moved();
    });
    for (const client of this.#clients()) void client.connect().catch(() => undefined);
    this.#beat = setInterval(() => {
      this.#heartbeat();
    }, beatMs);
    this.#beat.unref();
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  #connection(): Client {
    prototype ??= createClient({ RESP: 3, maintNotifications: 'disabled' });
    const options = connectionOptions(this.#options.address, this.#options.access);
    const client = prototype.duplicate(options) as unknown as Client;
    client.on('error', () => {
      this.#goDown();
    });
    client.on('ready', () => {
      this.#look();
    });
    return client;
  }

  *#clients(): Generator<Client> {
    yield this.#commands;
    yield this.#listening;
    if (this.#waiting !== undefined) yield this.#waiting;
  }

  // ───────────────────────────── up and down ─────────────────────────────

  /** Asks the server what it is, once all connections stand. */
  #look(): void {
    if (this.#isUp || this.#isClosed || this.#isChecking) return;
    for (const client of this.#clients()) if (!client.isReady) return;
    this.#isChecking = true;
    checkNode((...words) => this.#commands.sendCommand(words))
      .then((facts) => {
        this.facts = facts;
        this.#events.accept(facts, this);
        this.unfit = undefined;
        for (const client of this.#clients()) if (!client.isReady) return;
        if (this.#isClosed) return;
        this.#isUp = true;
        this.#events.up(this);
        for (const channel of this.#wanted.keys()) this.#subscribe(channel);
      })
      .catch((error: unknown) => {
        if (error instanceof UnfitRedis) this.unfit = error.message;
        this.#lookAgain();
      })
      .finally(() => {
        this.#isChecking = false;
      });
  }

  #lookAgain(): void {
    if (this.#recheck !== undefined || this.#isClosed) return;
    this.#recheck = setTimeout(() => {
      this.#recheck = undefined;
      this.#look();
    }, recheckMs);
    this.#recheck.unref();
  }

  #goDown(): void {
    this.#lostAll();
    if (!this.#isUp) return;
    this.#isUp = false;
    this.#lookAgain();
  }

  /** It answered that it is a replica now, or starting: it is looked at anew before anything else is asked of it. */
  suspect(): void {
    this.#goDown();
  }

  /** A connection that stands is no sign of life: the server may be stopped, or its disk. */
  #heartbeat(): void {
    if (!this.#isUp) return;
    const now = performance.now();
    if (this.#askedAt > 0) {
      // Nothing is written from here on, so that the connection's own timeout ends it.
      if (now - this.#askedAt > silenceMs) this.#goDown();
      return;
    }
    this.#askedAt = now;
    this.#commands
      .sendCommand(['TIME'])
      .then((reply) => {
        const [seconds, micros] = reply as unknown as [string, string];
        this.#events.time(Number(seconds) + Number(micros) / 1e6);
      })
      .catch(() => undefined)
      .finally(() => {
        this.#askedAt = 0;
      });
  }

  close(): void {
    this.#isClosed = true;
    this.#isUp = false;
    clearTimeout(this.#recheck);
    clearInterval(this.#beat);
    for (const client of this.#clients()) client.destroy();
  }

  // ───────────────────────────── commands ─────────────────────────────

  /** Rejects at once while the server is away, and when the connection breaks before the answer. */
  command(words: readonly Argument[], asking = false): Promise<unknown> {
    if (asking) this.#commands.sendCommand(['ASKING'], bytes).catch(() => undefined);
    return this.#commands.sendCommand(words, bytes);
  }

  /** Runs a script on keys of one slot. After ASK: `asking`, for a slot that is just moving here. */
  run(
    script: Script,
    keys: readonly string[],
    words: readonly Argument[],
    asking = false,
  ): Promise<unknown[]> {
    const rest = [String(keys.length), ...keys, ...words];
    return this.command(['EVALSHA', script.sha, ...rest], asking).catch((error: unknown) => {
      if (!(error as Error).message.startsWith('NOSCRIPT')) throw error;
      return this.command(['EVAL', script.text, ...rest], asking);
    }) as Promise<unknown[]>;
  }

  /**
   * Settles once the replicas have everything that this server has answered so far. Many appends share one wait.
   * @param key - any key of this server; it is written to and expires.
   */
  replicated(key: string): Promise<void> {
    const waiting = this.#waiting;
    if (waiting === undefined) return Promise.resolve();
    // Those who come while one wait runs share the next.
    this.#fence ??= {
      key,
      promise: this.#isFencing.then(async () => {
        this.#fence = undefined;
        const run = this.#wait(waiting, key);
        this.#isFencing = run.catch(() => undefined);
        await run;
      }),
    };
    return this.#fence.promise;
  }

  async #wait(waiting: Client, key: string): Promise<void> {
    // WAIT is about what this very connection wrote last, and so about all that the server did before it.
    const [, reached] = await Promise.all([
      waiting.sendCommand(['SET', key, '', 'PX', '1000']),
      waiting.sendCommand(['WAIT', String(this.#options.replicas), String(replicaMs)]),
    ]).catch(() => [0, 0]);
    if (Number(reached) < this.#options.replicas) throw new Refusal('LATER', { retryAfterMs: 1_000 });
  }

  // ───────────────────────────── wake-ups ─────────────────────────────

  /** Also for what was wanted before and no longer stands: a slot that went and came back. */
  subscribe(channel: string): void {
    if (!this.#wanted.has(channel)) this.#wanted.set(channel, { isStanding: false, isAsked: false });
    if (this.#isUp) this.#subscribe(channel);
  }

  unsubscribe(channel: string): void {
    if (!this.#wanted.delete(channel) || !this.#listening.isReady) return;
    const stop = this.#isSharded
      ? this.#listening.sUnsubscribe(channel)
      : this.#listening.unsubscribe(channel);
    stop.catch(() => undefined);
  }

  /** Whether what is published on the channel now would be heard. */
  hears(channel: string): boolean {
    return this.#wanted.get(channel)?.isStanding === true;
  }

  *channels(): Generator<string> {
    yield* this.#wanted.keys();
  }

  get #isSharded(): boolean {
    return this.facts?.isSharded === true;
  }

  readonly #onMessage = (message: Buffer, channel: Buffer): void => {
    this.#events.message(message, channel.toString('latin1'));
  };

  #subscribe(channel: string): void {
    const subscription = this.#wanted.get(channel);
    if (subscription === undefined || subscription.isStanding || subscription.isAsked) return;
    subscription.isAsked = true;
    const began = this.#isSharded
      ? this.#listening.sSubscribe(channel, this.#onMessage, true)
      : this.#listening.subscribe(channel, this.#onMessage, true);
    began.then(
      () => {
        subscription.isAsked = false;
        if (this.#wanted.get(channel) !== subscription || !this.#listening.isReady) return;
        subscription.isStanding = true;
        this.#events.subscribed(channel);
      },
      (error: unknown) => {
        subscription.isAsked = false;
        // A broken connection is made up for when it stands again.
        if ((error as Error).message.startsWith('MOVED')) this.#events.moved();
      },
    );
  }

  /** The client has subscribed anew by itself to what stood before; each is told, because messages were missed. */
  #resubscribe(): void {
    if (this.#isUp) for (const channel of this.#wanted.keys()) this.#subscribe(channel);
  }

  #lostAll(): void {
    for (const subscription of this.#wanted.values()) subscription.isStanding = subscription.isAsked = false;
  }
}

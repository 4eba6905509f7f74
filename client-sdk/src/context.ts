// What the SDK's parts share: the store, the engine of sessions, time, and the way to a relay. Handed down from
// client.ts; nothing here acts by itself.
import type { RelayPin } from './conversation/mailbox.ts';
import type { RelaySession } from './net/index.ts';
import type { SignalEngine } from './signal/module.ts';
import type { Vault } from './store/index.ts';

/** Durations that tests shorten. All in milliseconds. */
export interface Pace {
  /** How long a hole in a peer's contents stays open where another mailbox may still fill it. */
  readonly holeMs: number;
  /** First and longest pause before something that failed is tried again. */
  readonly retryMs: number;
  readonly retryMaxMs: number;
  /** Age at which a published bundle's keys are replaced, and at which old ones are forgotten. */
  readonly rotateMs: number;
  readonly keepKeysMs: number;
  /** Least time between two sessions begun anew in one conversation. */
  readonly restartMs: number;
  /** How long `accept` and `createInvite` wait for the relay. */
  readonly patienceMs: number;
  /** Lifetime of a one-time invite, and of a standing address' bundle. */
  readonly inviteMs: number;
  /** Rooms: how soon a host, and after that any other member, tells newcomers the writer key. */
  readonly greetMs: number;
  readonly greetLateMs: number;
  /** Rooms: least time between two beacons of a host while messages flow. */
  readonly beaconMs: number;
  /** Rooms: least time between two attempts to come back, and between two repairs of the slot. */
  readonly rejoinMs: number;
  /** Rooms: how often hosts and members update their keys. */
  readonly hostUpdateMs: number;
  readonly memberUpdateMs: number;
}

const DAY_MS = 86_400_000;

export const DEFAULT_PACE: Pace = {
  holeMs: 20_000,
  retryMs: 1_000,
  retryMaxMs: 300_000,
  rotateMs: 7 * DAY_MS,
  keepKeysMs: 14 * DAY_MS,
  restartMs: 60_000,
  patienceMs: 20_000,
  inviteMs: 14 * DAY_MS,
  greetMs: 300,
  greetLateMs: 6_000,
  beaconMs: 150_000,
  rejoinMs: 60_000,
  hostUpdateMs: DAY_MS,
  memberUpdateMs: 7 * DAY_MS,
};

/** Shared by all runners of one client. */
export interface Context {
  readonly vault: Vault;
  readonly engine: SignalEngine;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly pace: Pace;
  /** Envelope keys are renewed after so many blocks. */
  readonly renewAfterBlocks: number;
}

/** What a runner may ask of the persona that it belongs to. */
export interface Host {
  readonly context: Context;
  readonly personaId: string;
  /** The session that serves this purpose at this relay. */
  session(pin: RelayPin, purpose: string): RelaySession;
  /** The keys of a channel that is ours were replaced: this copy was moved elsewhere and must stop. */
  moved(): void;
  /** An error that no caller waits for. Never contains text, keys or addresses. */
  trouble(error: unknown): void;
  readonly stopped: AbortSignal;
}

/** Resolves after a pause, or rejects with the signal's reason. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}

/**
 * What is left of a pause.
 * @param time.since - Unix ms when it began. Where the clock was set back behind that it says nothing, and nobody waits for
 *   it to come round.
 */
export function restOf(pauseMs: number, time: { readonly since: number; readonly now: number }): number {
  return time.since > time.now ? 0 : Math.max(0, time.since + pauseMs - time.now);
}

/** Pauses that grow, with jitter, so that many clients don't come back at one moment. */
export class Backoff {
  private failures = 0;
  private readonly pace: Pace;

  constructor(pace: Pace) {
    this.pace = pace;
  }
  reset(): void {
    this.failures = 0;
  }
  nextMs(): number {
    const base = Math.min(this.pace.retryMaxMs, this.pace.retryMs * 2 ** this.failures);
    this.failures = Math.min(this.failures + 1, 20);
    return base * (0.5 + Math.random());
  }
}

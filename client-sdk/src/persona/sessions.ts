// The relay sessions of one persona: one for each relay, or, behind a proxy, one for each conversation, so that they
// can't be told to belong together. Never shared between personas.
import { asKey, fromHex, toHex } from '../crypto/index.ts';
import type { DialledSocket } from '../net/dial-ahead-browser.ts';
import { type RelaySession, openRelaySession, type SessionStatus } from '../net/index.ts';
import type { InviteAhead } from '../invite/read-ahead.ts';
import type { RelayPin } from '../conversation/mailbox.ts';

/** How connections are made. */
export interface NetworkOptions {
  /** Node only: an `http.Agent`, for instance SOCKS for Tor. */
  readonly agent?: unknown;
  /** Browser only: gives a connection to this address that stands already (`dialAhead`). */
  readonly dialled?: (url: string) => DialledSocket | undefined;
  /** Browser only: gives what was asked of an invite's relay already (`readInviteAhead`), for one persona. */
  readonly ahead?: () => InviteAhead | undefined;
  /** Each conversation on a connection of its own. Default: exactly where there is an `agent`. */
  readonly isolate?: boolean;
  /** Lets plain `http:` go to any host, for trials in one's own network. */
  readonly allowPlain?: boolean;
}

export class Sessions {
  private readonly open = new Map<string, RelaySession>();
  private readonly network: NetworkOptions;
  private readonly onState: () => void;

  constructor(network: NetworkOptions, onState: () => void) {
    this.network = network;
    this.onState = onState;
  }

  /** The session for this purpose; dialled when first asked for. */
  get(pin: RelayPin, purpose: string): RelaySession {
    const isolate = this.network.isolate ?? this.network.agent !== undefined;
    const key = `${toHex(pin.relayKey)} ${pin.relay} ${isolate ? purpose : ''}`;
    const known = this.open.get(key);
    if (known !== undefined) return known;
    const ahead = isolate ? undefined : this.network.ahead?.()?.take(pin);
    const session = ahead ?? this.dial(pin);
    this.open.set(key, session);
    if (ahead !== undefined) {
      ahead.onState(this.onState);
      this.onState();
    }
    return session;
  }

  private dial(pin: RelayPin): RelaySession {
    return openRelaySession({
      url: pin.relay,
      relayKey: asKey('verify', pin.relayKey),
      onState: this.onState,
      ...(this.network.agent === undefined ? {} : { agent: this.network.agent }),
      ...(this.network.dialled === undefined ? {} : { dialled: this.network.dialled }),
      ...(this.network.allowPlain === undefined ? {} : { allowPlain: this.network.allowPlain }),
    });
  }

  statuses(): readonly SessionStatus[] {
    return [...this.open.values()].map((session) => session.status);
  }

  /** The key that the relay at this address showed on a connection that stands. */
  keyShownBy(relay: string): Uint8Array | undefined {
    for (const [key, session] of this.open) {
      const [relayKey = '', address] = key.split(' ');
      if (address === relay && session.status.state === 'online') return fromHex(relayKey);
    }
    return undefined;
  }

  poke(): void {
    for (const session of this.open.values()) session.poke();
  }

  async close(): Promise<void> {
    const sessions = [...this.open.values()];
    this.open.clear();
    await Promise.all(sessions.map((session) => session.close()));
  }
}

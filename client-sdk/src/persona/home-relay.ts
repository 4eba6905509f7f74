// The relay where a persona makes its own mailboxes: its key is pinned on first use, and it is reached while the persona
// is online, also where nothing is read or written there yet. The connections themselves are sessions.ts.
import { Backoff, type Context, pause } from '../context.ts';
import type { RelayPin } from '../conversation/mailbox.ts';
import { hasCode, SottoError } from '../errors.ts';
import { fetchRelayKey } from './pin.ts';
import type { PersonaRecord } from './record.ts';
import type { NetworkOptions, Sessions } from './sessions.ts';

/** What it needs of its persona. */
export interface HomeRelaySetup {
  readonly context: Context;
  readonly network: NetworkOptions;
  record(): PersonaRecord;
  /** Writes the pinned key down. */
  keep(relayKey: Uint8Array): Promise<void>;
  /** Undefined while offline. */
  sessions(): Sessions | undefined;
  /** `pinning` may be another. */
  changed(): void;
}

export class HomeRelay {
  private readonly setup: HomeRelaySetup;
  private fetching: Promise<Uint8Array> | undefined;
  private reaching = false;

  constructor(setup: HomeRelaySetup) {
    this.setup = setup;
  }

  /** With its key, where it is pinned already. */
  known(): RelayPin | undefined {
    const { relay, relayKey } = this.setup.record();
    return relay === '' || relayKey === undefined ? undefined : { relay, relayKey };
  }

  /** It was not reached yet since the persona went online. */
  get pinning(): boolean {
    return this.reaching;
  }

  /** Its key pinned now if it wasn't; undefined where the persona has no relay. @throws SottoError NET_UNREACHABLE, NET_PROMISE */
  async pin(): Promise<RelayPin | undefined> {
    const { relay } = this.setup.record();
    if (relay === '') return undefined;
    const known = this.known();
    if (known !== undefined) return known;
    // Someone's invite led to the same relay, and it answered under the key that the link names: as good a first use.
    const relayKey = this.setup.sessions()?.keyShownBy(relay) ?? (await this.fetchKey(relay));
    // Another call may have pinned it meanwhile; then that one counts.
    const meanwhile = this.known();
    if (meanwhile !== undefined) return meanwhile;
    await this.setup.keep(relayKey);
    const pin = { relay, relayKey };
    this.setup.sessions()?.get(pin, 'home');
    return pin;
  }

  /** @throws SottoError PERSONA_NO_RELAY; as `pin`. */
  async need(): Promise<RelayPin> {
    const pin = await this.pin();
    if (pin === undefined) throw new SottoError('PERSONA_NO_RELAY');
    return pin;
  }

  /** Connects to it, so that people see whether it answers. Resolves once that is begun. */
  async reach(stopped: AbortSignal): Promise<void> {
    const backoff = new Backoff(this.setup.context.pace);
    this.reaching = this.setup.record().relay !== '';
    for (;;) {
      try {
        const home = await this.pin();
        if (home !== undefined && !stopped.aborted) this.setup.sessions()?.get(home, 'home');
        break;
      } catch (error) {
        if (!hasCode(error, 'NET_UNREACHABLE') || stopped.aborted) throw error;
        this.setup.changed();
        await pause(backoff.nextMs(), stopped);
      }
    }
    this.reaching = false;
    this.setup.changed();
  }

  /** Asked once, however many wait for it. */
  private fetchKey(relay: string): Promise<Uint8Array> {
    this.fetching ??= fetchRelayKey(relay, this.setup.network).finally(() => {
      this.fetching = undefined;
    });
    return this.fetching;
  }
}

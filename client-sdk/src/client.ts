// The SDK's front door: opens the encrypted store of one profile, holds its personas, and moves, locks or destroys it.
import { engine as defaultEngine } from '#signal';
import { type Argon2idCost, fromHex, randomBytes, ready, toHex, utf8 } from './crypto/index.ts';
import { type Context, DEFAULT_PACE, type Pace } from './context.ts';
import { personaPath } from './conversation/record.ts';
import { MAX_NAME_BYTES } from './content/content.ts';
import { SottoError } from './errors.ts';
import { prepareStore } from './move/prepare.ts';
import { Persona } from './persona/persona.ts';
import type { PersonaSetup } from './persona/types.ts';
import { personas, type PersonaRecord } from './persona/record.ts';
import type { NetworkOptions } from './persona/sessions.ts';
import type { SignalEngine } from './signal/module.ts';
import { Notes } from './notes.ts';
import {
  lookAtVault,
  openVault,
  type PresenceMarker,
  type Vault,
  type VaultSecret,
  wipeVaultAt,
} from './store/index.ts';

export interface ClientOptions {
  /** Node: the profile's folder; browser: a name for its database. Default 'sotto'. */
  readonly store?: string;
  /** Required on Node, unless there is a `keyFile`. */
  readonly passphrase?: string;
  /** The content of a key file, in place of a passphrase. */
  readonly keyFile?: Uint8Array;
  /** Where new personas make their mailboxes; its key is pinned on first use. */
  readonly relay?: string;
  /** Address of the web client that links open. Default: the relay's own. */
  readonly origin?: string;
  readonly network?: NetworkOptions;
  /** 'one' (default): connecting a persona disconnects the others. */
  readonly online?: 'one' | 'all';
  /** false: nothing connects until `persona.connect()`. */
  readonly connect?: boolean;
  /** Called once when another process or tab took the profile over. */
  readonly onLost?: () => void;
  /** Browser: take the profile from another tab. */
  readonly takeOver?: boolean;
  /** Browser, in a worker: remembers outside the evictable storage that a profile exists. */
  readonly marker?: PresenceMarker;
  /** For tests and trials: how sessions are computed, how keys are stretched, how long things take. */
  readonly engine?: SignalEngine;
  readonly kdfCost?: Argon2idCost;
  readonly pace?: Partial<Pace>;
  readonly clock?: () => number;
  readonly renewAfterBlocks?: number;
}

const RENEW_AFTER_BLOCKS = 256;

/**
 * Opens a profile, or makes it where there is none, and connects the persona that was online last.
 * @throws SottoError STORE_…
 */
export async function openClient(options: ClientOptions = {}): Promise<Client> {
  const lost = new Set<() => void>();
  const vault = await openVaultFor(options, lost);
  return startClient(vault, options, lost);
}

/**
 * Moves a profile here: an export becomes this store, and the copy that it came from is fenced out as soon as this one
 * has been online. Every session starts anew.
 * @param options - `passphrase`: opens the export and then protects the store; `exportPassphrase` where they differ.
 * @throws SottoError EXPORT_DAMAGED, EXPORT_VERSION, STORE_PASSPHRASE, STORE_NOT_EMPTY.
 */
export async function importClient(
  bytes: AsyncIterable<Uint8Array>,
  options: ClientOptions & { readonly passphrase: string; readonly exportPassphrase?: string },
): Promise<Client> {
  const lost = new Set<() => void>();
  const vault = await openVaultFor(options, lost);
  try {
    await vault.importRecords(bytes, options.exportPassphrase ?? options.passphrase);
  } catch (error) {
    await vault.close();
    throw error;
  }
  return startClient(vault, options, lost);
}

/** What lies at a profile's place, and whether it takes a passphrase. Nothing is opened, made or disturbed. */
export async function lookAtStore(
  options: Pick<ClientOptions, 'store' | 'marker'> = {},
): Promise<'none' | 'unprotected' | 'protected' | 'lost'> {
  await ready();
  return lookAtVault(options.store ?? 'sotto', options.marker);
}

/** Destroys a profile without opening it: keys first, then files. Needs no passphrase, nor that the profile is intact. */
export async function wipeStore(options: Pick<ClientOptions, 'store' | 'marker'> = {}): Promise<void> {
  await wipeVaultAt(options.store ?? 'sotto');
  await options.marker?.clear();
}

async function openVaultFor(options: ClientOptions, lost: Set<() => void>): Promise<Vault> {
  await ready();
  const secret = secretOf(options);
  return openVault({
    location: options.store ?? 'sotto',
    ...(secret === undefined ? {} : { secret }),
    onLost: () => {
      lost.forEach((listener) => {
        listener();
      });
      options.onLost?.();
    },
    ...(options.takeOver === undefined ? {} : { takeOver: options.takeOver }),
    ...(options.marker === undefined ? {} : { marker: options.marker }),
    ...(options.kdfCost === undefined ? {} : { kdfCost: options.kdfCost }),
    ...(options.clock === undefined ? {} : { clock: options.clock }),
  });
}

function secretOf(options: ClientOptions): VaultSecret | undefined {
  if (options.keyFile !== undefined) return { keyFile: options.keyFile };
  return options.passphrase === undefined ? undefined : { passphrase: options.passphrase };
}

async function startClient(vault: Vault, options: ClientOptions, lost: Set<() => void>): Promise<Client> {
  const context: Context = {
    vault,
    engine: options.engine ?? defaultEngine,
    now: options.clock ?? Date.now,
    pace: { ...DEFAULT_PACE, ...options.pace },
    renewAfterBlocks: options.renewAfterBlocks ?? RENEW_AFTER_BLOCKS,
  };
  const client = new Client(context, options);
  // Another process or tab has the profile now: this one must not go on talking in its name.
  lost.add(() => void client.disconnectAll());
  try {
    await client.load();
  } catch (error) {
    await client.close();
    throw error;
  }
  return client;
}

const GOODBYE_MS = 1_000;

/** One profile. Made by `openClient` and `importClient`. */
export class Client {
  /** For the app that shows this profile. */
  readonly notes: Notes;
  private readonly context: Context;
  private readonly options: ClientOptions;
  private readonly known = new Map<string, Persona>();

  /** @internal */
  constructor(context: Context, options: ClientOptions) {
    this.context = context;
    this.options = options;
    this.notes = new Notes(context.vault, '');
  }

  /**
   * A new self: keys of its own, unlinkable to the others. Goes online.
   * @param options - `name`: shown to whom it talks with, at most 64 bytes; `relay`: where its mailboxes are made.
   */
  async createPersona(options: { name?: string; relay?: string } = {}): Promise<Persona> {
    const name = options.name ?? '';
    if (utf8(name).length > MAX_NAME_BYTES) throw new SottoError('CONTENT_TOO_LONG');
    const id = toHex(randomBytes(16));
    const record: PersonaRecord = {
      version: 1,
      id: fromHex(id),
      name,
      relay: (options.relay ?? this.options.relay ?? '').replace(/\/+$/, ''),
      createdAt: this.context.now(),
      retired: false,
      onlineAt: 0,
    };
    await this.context.vault.transact((tx) =>
      personas.put(tx, { partition: '', key: id, value: record }, { under: personaPath(id) }),
    );
    const persona = this.persona(id, record);
    if (this.options.connect !== false) await persona.connect();
    return persona;
  }

  /** Oldest first. */
  async personas(): Promise<Persona[]> {
    const found: Persona[] = [];
    await this.context.vault.read(async (view) => {
      for await (const { key, value } of personas.scan(view, '')) found.push(this.persona(key, value));
    });
    return found.sort((a, b) => a.createdAt - b.createdAt);
  }

  /** Goes offline and wipes every key from memory. Objects got before are dead; `personas()` gives new ones after `unlock`. */
  async lock(): Promise<void> {
    await this.disconnectAll();
    this.known.clear();
    await this.context.vault.lock();
  }

  /** @throws SottoError STORE_PASSPHRASE */
  async unlock(passphrase: string): Promise<void> {
    await this.context.vault.unlock({ passphrase });
    await this.load();
  }

  /**
   * Replaces the passphrase. Browsers do without one where `next` is absent; then nothing but the browser protects.
   * @throws SottoError STORE_PASSPHRASE where `current` is wrong; nothing has changed then.
   */
  async changePassphrase(change: { readonly current?: string; readonly next?: string }): Promise<void> {
    await this.context.vault.changeSecret({
      ...(change.current === undefined ? {} : { current: { passphrase: change.current } }),
      ...(change.next === undefined ? {} : { next: { passphrase: change.next } }),
    });
  }

  /** Everything, sealed under its own passphrase. Opening it elsewhere is a move: this copy ends with it. */
  export(passphrase: string): AsyncIterable<Uint8Array> {
    const { kdfCost } = this.options;
    return this.context.vault.exportRecords(passphrase, kdfCost === undefined ? {} : { kdfCost });
  }

  /** Destroys the profile: keys first, then files. The network is not waited for. */
  async wipe(): Promise<void> {
    await this.context.vault.wipe();
    const gone = this.disconnectAll().catch(() => undefined);
    await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, GOODBYE_MS))]);
  }

  /** Stores what is under way, goes offline, frees the profile. */
  async close(): Promise<void> {
    await this.disconnectAll();
    await this.context.vault.close();
  }

  /** @internal */
  async load(): Promise<void> {
    await prepareStore(this.context);
    if (this.options.connect === false) return;
    const all: { persona: Persona; onlineAt: number }[] = [];
    await this.context.vault.read(async (view) => {
      for await (const { key, value } of personas.scan(view, '')) {
        all.push({ persona: this.persona(key, value), onlineAt: value.onlineAt });
      }
    });
    all.sort((a, b) => b.onlineAt - a.onlineAt);
    const wanted = this.options.online === 'all' ? all : all.slice(0, 1);
    for (const { persona } of wanted) await persona.connect();
  }

  private persona(id: string, record: PersonaRecord): Persona {
    const known = this.known.get(id);
    if (known !== undefined) return known;
    const setup: PersonaSetup = {
      context: this.context,
      network: this.options.network ?? {},
      origin: this.options.origin,
      beforeConnect: async (persona) => {
        if (this.options.online === 'all') return;
        for (const other of this.known.values()) if (other !== persona) await other.disconnect();
      },
      gone: (persona) => this.known.delete(persona.id),
    };
    const persona = new Persona(setup, id, record);
    this.known.set(id, persona);
    return persona;
  }

  /** @internal */
  async disconnectAll(): Promise<void> {
    await Promise.all([...this.known.values()].map((persona) => persona.end()));
  }
}

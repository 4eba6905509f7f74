// People for end-to-end tests: clients with profiles of their own on the real relay, in this process, with cheap keys
// and short pauses. Engines are chosen by SOTTO_ENGINE: libsignal (default), ratchet, or mixed (they take turns).
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Client,
  type ClientOptions,
  importClient,
  type Message,
  openClient,
  type Persona,
} from '../../../src/index.ts';
import { loadEngine } from '../../../src/signal/engine-node.ts';

export const FAST: Pick<ClientOptions, 'kdfCost' | 'pace'> = {
  kdfCost: { passes: 1, memoryKib: 8 },
  pace: { holeMs: 300, retryMs: 30, retryMaxMs: 500, restartMs: 50, patienceMs: 10_000 },
};

const wished = process.env['SOTTO_ENGINE'] ?? 'libsignal';
let turn = 0;

function engineName(): 'libsignal' | 'ratchet' {
  if (wished !== 'mixed') return wished === 'ratchet' ? 'ratchet' : 'libsignal';
  return turn++ % 2 === 0 ? 'libsignal' : 'ratchet';
}

const PASSPHRASE = 'a quiet voice';

/** One person's device; it can be closed, reopened, copied. */
export class Device {
  readonly folder: string;
  readonly options: ClientOptions & { passphrase: string };
  client!: Client;
  persona!: Persona;
  readonly troubles: unknown[] = [];

  private constructor(relay: string, name: string, options: ClientOptions) {
    this.folder = mkdtempSync(join(tmpdir(), 'sotto-person-'));
    this.options = {
      ...FAST,
      store: join(this.folder, 'profile'),
      passphrase: PASSPHRASE,
      relay,
      ...options,
    };
    this.name = name;
  }
  private readonly name: string;

  static async make(relay: string, name: string, options: ClientOptions = {}): Promise<Device> {
    const device = new Device(relay, name, { engine: await loadEngine(engineName()), ...options });
    await device.open();
    return device;
  }

  async open(): Promise<void> {
    this.client = await openClient(this.options);
    const [known] = await this.client.personas();
    this.persona = known ?? (await this.client.createPersona({ name: this.name }));
    this.persona.on('trouble', (error) => this.troubles.push(error));
  }

  /** Takes an export over. */
  static async fromExport(
    bytes: AsyncIterable<Uint8Array>,
    relay: string,
    name: string,
    options: ClientOptions = {},
  ): Promise<Device> {
    const device = new Device(relay, name, { engine: await loadEngine(engineName()), ...options });
    device.client = await importClient(bytes, device.options);
    const [persona] = await device.client.personas();
    if (persona === undefined) throw new Error('the import holds no persona');
    device.persona = persona;
    return device;
  }

  async close(): Promise<void> {
    await this.client.close();
  }

  async end(): Promise<void> {
    await this.client.close().catch(() => undefined);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Waits for something to become true; fails loudly instead of hanging. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  ms = 30_000,
): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error(`did not happen in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}

/** Texts of a history, mine marked by '>'. Notices as their kind in brackets. */
export function spoken(messages: readonly Message[]): string[] {
  return messages.map((message) =>
    message.kind === 'text' ? `${message.mine ? '>' : ''}${message.text}` : `[${message.kind}]`,
  );
}

/** The only conversation of a persona, once there is one. */
export function onlyConversation(persona: Persona) {
  return until('a conversation', async () => (await persona.conversations())[0]);
}

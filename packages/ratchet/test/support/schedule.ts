// Schedules of what two people and the network between them do, played in several worlds at once: one where both run
// libsignal, and those where one or both run our engine. Whatever happens, every world must tell the same story.
import fc from 'fast-check';
import { libsignal, ours, type Engine } from './engines.ts';
import { newParty, verdict, type Party, type Posted } from './party.ts';

type Side = 0 | 1;

/** One thing that happens. Numbers pick among what is there, so that every schedule makes sense after shrinking. */
export type Step =
  | { readonly do: 'begin'; readonly side: Side; readonly oneTime: boolean }
  | { readonly do: 'send'; readonly side: Side; readonly size: number; readonly days: number }
  | { readonly do: 'deliver'; readonly to: Side; readonly pick: number; readonly keep: boolean }
  | { readonly do: 'lose'; readonly to: Side; readonly pick: number }
  | {
      readonly do: 'corrupt';
      readonly to: Side;
      readonly pick: number;
      readonly at: number;
      readonly bit: number;
    }
  | { readonly do: 'forgetOneTime'; readonly side: Side }
  | { readonly do: 'archive'; readonly side: Side }
  | { readonly do: 'distrust'; readonly side: Side; readonly trusts: boolean }
  | {
      readonly do: 'chat';
      readonly seed: number;
      readonly messages: number;
      readonly lossPercent: number;
      readonly window: number;
      readonly duplicatePercent: number;
      readonly maxSize: number;
      readonly balancePercent: number;
    };

const side = fc.constantFrom<Side>(0, 1);
const size = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 300 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 4096 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 65536 }) },
);
const pick = fc.nat({ max: 1000 });

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('begin' as const), side, oneTime: fc.boolean() }) },
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('send' as const),
      side,
      size,
      days: fc.oneof(
        { weight: 20, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.constantFrom(29, 31) },
      ),
    }),
  },
  {
    weight: 14,
    arbitrary: fc.record({
      do: fc.constant('deliver' as const),
      to: side,
      pick,
      keep: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('lose' as const), to: side, pick }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('corrupt' as const),
      to: side,
      pick,
      at: fc.nat({ max: 1_000_000 }),
      bit: fc.nat({ max: 7 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('forgetOneTime' as const), side }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('archive' as const), side }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('distrust' as const), side, trusts: fc.boolean() }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('chat' as const),
      seed: fc.integer({ min: 1, max: 0x7fffffff }),
      messages: fc.integer({ min: 1, max: 120 }),
      lossPercent: fc.integer({ min: 0, max: 50 }),
      window: fc.integer({ min: 1, max: 12 }),
      duplicatePercent: fc.integer({ min: 0, max: 10 }),
      maxSize: fc.constantFrom(20, 200, 200, 4096),
      balancePercent: fc.integer({ min: 0, max: 100 }),
    }),
  },
);

/** A whole conversation. */
export const schedule: fc.Arbitrary<readonly Step[]> = fc.array(step, {
  minLength: 1,
  maxLength: 40,
  size: 'max',
});

const NAMES = [
  ['alice', 'bob'],
  ['9d0652a3-dcc3-4d11-975f-74d61598733f', 'PNI:796abedb-ca4e-4f18-8803-1fde5b921f9f'],
] as const;
export const naming: fc.Arbitrary<0 | 1> = fc.constantFrom(0, 1);

/** Small generator for what happens inside a chat; the same in every world. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

interface InFlight {
  readonly message: Posted;
  readonly content: number;
  readonly size: number;
}

/** Two parties, and for each of them what is on its way to it. */
class World {
  readonly story: string[] = [];
  sent = 0;
  readonly #parties: readonly [Party, Party];
  readonly #onTheWay: readonly [InFlight[], InFlight[]] = [[], []];
  #content = 0;

  constructor(engines: readonly [Engine, Engine], names: 0 | 1) {
    const [a, b] = NAMES[names];
    this.#parties = [newParty(engines[0], a), newParty(engines[1], b)];
  }

  async play(steps: readonly Step[]): Promise<void> {
    for (const next of steps) await this.#play(next);
  }

  async #play(next: Step): Promise<void> {
    switch (next.do) {
      case 'begin': {
        const { self, peer, peerName } = this.#view(next.side);
        const bundle = await peer.publish({ oneTime: next.oneTime });
        this.#tell('begin', await verdict(self.begin(peerName, bundle)));
        break;
      }
      case 'send':
        await this.#send(next.side, next.size, next.days);
        break;
      case 'deliver':
        await this.#deliver(next.to, next.pick, next.keep);
        break;
      case 'lose':
        this.#take(next.to, next.pick, false);
        break;
      case 'corrupt':
        await this.#corrupt(next);
        break;
      case 'forgetOneTime':
        this.#parties[next.side].preKeys.clear();
        break;
      case 'archive':
        this.#parties[next.side].archive(this.#view(next.side).peerName);
        break;
      case 'distrust':
        this.#parties[next.side].trusts = next.trusts;
        break;
      case 'chat':
        await this.#chat(next);
        break;
    }
  }

  #view(at: Side): { self: Party; peer: Party; peerName: string } {
    const self = this.#parties[at];
    const peer = this.#parties[at === 0 ? 1 : 0];
    return { self, peer, peerName: peer.address.name() };
  }

  #tell(what: string, outcome: string): void {
    this.story.push(`${what}: ${outcome}`);
  }

  async #send(from: Side, size: number, days: number): Promise<void> {
    const { self, peerName } = this.#view(from);
    const content = this.#content++ & 0xff;
    const now = new Date(Date.now() + days * 86_400_000);
    let message: Posted | undefined;
    const outcome = await verdict(
      self.send(peerName, new Uint8Array(size).fill(content), now).then((sent) => (message = sent)),
    );
    // The length tells of everything that a message says about its sender's state
    this.#tell(`${from} sends`, message ? `type ${message.type}, ${message.bytes.length} bytes` : outcome);
    if (!message) return;
    this.sent++;
    this.#onTheWay[from === 0 ? 1 : 0].push({ message, content, size });
  }

  #take(to: Side, pick: number, keep: boolean): InFlight | undefined {
    const waiting = this.#onTheWay[to];
    if (waiting.length === 0) return undefined;
    const at = pick % waiting.length;
    return keep ? waiting[at] : waiting.splice(at, 1)[0];
  }

  async #deliver(to: Side, pick: number, keep: boolean): Promise<void> {
    const taken = this.#take(to, pick, keep);
    if (taken) await this.#receive(to, taken.message, taken);
  }

  /** A refused message must leave the stored session as it was. */
  async #receive(to: Side, message: Posted, sent?: InFlight): Promise<void> {
    const { self, peerName } = this.#view(to);
    const before = snapshot(self);
    let plaintext: Uint8Array | undefined;
    const outcome = await verdict(self.receive(peerName, message).then((bytes) => (plaintext = bytes)));
    if (plaintext && sent) {
      const intact = plaintext.length === sent.size && plaintext.every((byte) => byte === sent.content);
      if (!intact) throw new Error('a plaintext came out wrong');
    }
    if (!plaintext && snapshot(self) !== before) throw new Error('a refused message changed the state');
    this.#tell(`${to} receives`, outcome);
  }

  async #corrupt(next: Extract<Step, { do: 'corrupt' }>): Promise<void> {
    const taken = this.#take(next.to, next.pick, true);
    if (!taken) return;
    const bytes = taken.message.bytes.slice();
    bytes[next.at % bytes.length]! ^= 1 << next.bit;
    await this.#receive(next.to, { type: taken.message.type, bytes });
  }

  async #chat(chat: Extract<Step, { do: 'chat' }>): Promise<void> {
    const random = generator(chat.seed);
    const percent = (limit: number) => random() * 100 < limit;
    for (let i = 0; i < chat.messages; i++) {
      const from: Side = percent(chat.balancePercent) ? 1 : 0;
      await this.#send(from, Math.floor(random() * chat.maxSize), 0);
      for (const to of [0, 1] as const) {
        // Hold some back, so that what is delivered is out of order
        while (this.#onTheWay[to].length > Math.floor(random() * chat.window)) {
          const at = Math.floor(random() * 1000);
          if (percent(chat.lossPercent)) this.#take(to, at, false);
          else await this.#deliver(to, at, percent(chat.duplicatePercent));
        }
      }
    }
  }
}

function snapshot(party: Party): string {
  return [...party.sessions].map(([at, bytes]) => `${at}=${Buffer.from(bytes).toString('base64')}`).join();
}

const WORLDS = {
  'libsignal with libsignal': [libsignal, libsignal],
  'ours with libsignal': [ours, libsignal],
  'libsignal with ours': [libsignal, ours],
  'ours with ours': [ours, ours],
} as const;

/** How many messages the worlds with our engine exchanged. */
export interface Played {
  readonly messages: number;
  readonly steps: number;
}

/**
 * Plays a schedule in every world.
 * @throws Error naming the first step at which a world's story departs from libsignal's own.
 */
export async function playEverywhere(steps: readonly Step[], names: 0 | 1): Promise<Played> {
  let reference: readonly string[] | undefined;
  let messages = 0;
  for (const [name, engines] of Object.entries(WORLDS)) {
    const world = new World(engines, names);
    await world.play(steps);
    if (!reference) {
      reference = world.story;
      continue;
    }
    messages += world.sent;
    for (let i = 0; i < reference.length; i++) {
      if (world.story[i] !== reference[i]) {
        throw new Error(`${name}, event ${i}: "${world.story[i]}" where libsignal says "${reference[i]}"`);
      }
    }
  }
  return { messages, steps: reference?.length ?? 0 };
}

// Whatever the schedule of concurrent commits, lost answers, crashes and readers left behind, and whatever a hostile
// member appends meanwhile: honest members end in one epoch, and read each other. The bound: what Eve appends costs each
// honest member at most one coming back per append, garbage none at all, and once she is removed nothing more.
import { beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { randomBytes, type SigningKeyPair, toHex } from '../../../src/crypto/index.ts';
import {
  applyCommit,
  decodeGroup,
  encodeGroup,
  epochAuthenticator,
  type GroupState,
  joinExternally,
  members as membersIn,
  proposeUpdate,
  publicState,
  readPublicState,
} from '../../../src/room/group/index.ts';
import { forgeCommit, forgeSplit } from './mischief.ts';
import { fullRoom, type TestRoom } from './room.ts';
import { Honest, OrderedLog, talk } from './simulated.ts';

const HONEST = 4;
const MISCHIEF = [
  'garbage',
  'eviction',
  'wrong-keys',
  'bad-seal',
  'poison',
  'fork',
  'back',
  'honest',
] as const;
type Mischief = (typeof MISCHIEF)[number];
/** These pass for sound commits or states to some; the others are void for all at once. */
const HARMFUL: readonly Mischief[] = ['wrong-keys', 'bad-seal', 'poison', 'fork'];

type Step =
  | { readonly kind: 'update'; readonly who: number; readonly answered: boolean }
  | { readonly kind: 'read'; readonly who: number; readonly count: number }
  | { readonly kind: 'crash'; readonly who: number }
  | { readonly kind: 'eve'; readonly does: Mischief; readonly times: number };

/** Printed, so that a run can be repeated. */
const seed = Number(process.env['SOTTO_ROOMS_SEED'] ?? Date.now() % 0x7fff_ffff);
process.stderr.write(`rooms, split: SOTTO_ROOMS_SEED=${String(seed)}\n`);

const who = fc.nat(HONEST - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('update' as const), who, answered: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('read' as const), who, count: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const), who }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('eve' as const),
      does: fc.constantFrom(...MISCHIEF),
      times: fc.integer({ min: 1, max: 3 }),
    }),
  },
);

let room: TestRoom;
let people: SigningKeyPair[];
let begun: Uint8Array[];

beforeAll(async () => {
  const made = await fullRoom(HONEST + 1);
  room = made.room;
  // Eve has the second leaf, where her path seals to others in three parts. She stands last here.
  const evesLast = <T>([first, eve, ...others]: readonly T[]): T[] => [first!, ...others, eve!];
  people = evesLast(made.people);
  begun = evesLast(made.states.map((state) => encodeGroup(state)));
});

/** Whoever else is first in this state; an update where nobody is. */
function evict(own: GroupState) {
  const victim = membersIn(own).find(({ leaf }) => leaf !== own.mls.privatePath.leafIndex);
  return forgeCommit(own, { removed: victim === undefined ? [] : [victim.leaf] });
}

/** Eve: follows the log as far as she likes, and appends what she likes. */
class Eve {
  state: GroupState;
  read = 0;
  appended = 0;
  harmful = 0;
  private readonly log: OrderedLog;

  constructor(state: GroupState, log: OrderedLog) {
    this.state = state;
    this.log = log;
  }

  async act(does: Mischief): Promise<void> {
    for (; this.read < this.log.entries.length; this.read++) {
      const { commit } = this.log.entries[this.read] ?? {};
      const verdict = commit === undefined ? undefined : await applyCommit(this.state, commit, 0);
      if (verdict?.kind === 'applied' && !verdict.selfRemoved) this.state = verdict.next;
    }
    const { packet, next } = await this.make(does);
    const entry = { ...packet, id: toHex(randomBytes(16)), isHostile: true };
    this.log.append(entry, this.log.entries.length);
    this.read = this.log.entries.length;
    this.state = next;
    this.appended++;
    if (HARMFUL.includes(does)) this.harmful++;
  }

  private async make(does: Mischief) {
    const { state: own } = this;
    const keep = (packet: { commit?: Uint8Array; state: Uint8Array }) => ({ packet, next: own });
    switch (does) {
      case 'garbage':
        return keep({ commit: randomBytes(300), state: randomBytes(300) });
      case 'eviction': {
        const { commit, next } = await evict(own);
        return keep({ commit, state: await publicState(next) });
      }
      case 'wrong-keys':
      case 'bad-seal': {
        const { commit, next: after } = await forgeSplit(own, does);
        return { packet: { commit, state: await publicState(after) }, next: after };
      }
      case 'poison':
        // A state that nobody has, signed by a member.
        return keep({ state: await publicState((await proposeUpdate(own)).next) });
      case 'fork': {
        // A good commit with another one's state beside it.
        const { commit, next } = await proposeUpdate(own);
        return { packet: { commit, state: await publicState((await proposeUpdate(own)).next) }, next };
      }
      case 'back': {
        // Comes back from whatever the log holds last: often a state that she has spoilt herself.
        const last = this.log.entries.at(-1)?.state ?? (await publicState(own));
        const state = await readPublicState(last, { roomKey: room.roomKey.publicKey }).catch(() => undefined);
        if (state === undefined) return keep({ state: randomBytes(100) });
        const {
          commit,
          next,
          publicState: after,
        } = await joinExternally({ state, pseudonym: people[HONEST]! });
        return { packet: { commit, state: after }, next };
      }
      case 'honest': {
        const { commit, next } = await proposeUpdate(own);
        return { packet: { commit, state: await publicState(next) }, next };
      }
    }
  }
}

/** The log is quiet: the host mends and speaks up, the others come back where they differ. */
async function settle(members: readonly Honest[]): Promise<number> {
  const [host] = members as [Honest];
  for (let rounds = 1; rounds <= 4; rounds++) {
    let isQuiet = !(await host.mend()) && !(await host.repair());
    for (const member of members) {
      await member.catchUp();
      member.hear(epochAuthenticator(host.state));
      if (await member.mend()) isQuiet = false;
      // A coming back moves everyone on, the host's beacon too.
      for (const other of members) await other.catchUp();
    }
    if (isQuiet) return rounds;
  }
  return Infinity;
}

test('honest members converge, whatever the schedule and whatever Eve appends', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 18 }), async (steps) => {
      const log = new OrderedLog();
      const states = await Promise.all(begun.map((bytes) => decodeGroup(bytes)));
      const honest = people
        .slice(0, HONEST)
        .map((pair, i) => new Honest({ room, log, pair, state: states[i]! }));
      const eve = new Eve(states[HONEST]!, log);
      for (const one of steps) {
        if (one.kind === 'update') await honest[one.who]!.update(one.answered);
        if (one.kind === 'read') await honest[one.who]!.readUpTo(one.count);
        if (one.kind === 'crash') await honest[one.who]!.crash();
        if (one.kind === 'eve') for (let i = 0; i < one.times; i++) await eve.act(one.does);
      }
      const hostile = log.entries.filter(({ isHostile }) => isHostile).length;
      expect(await settle(honest)).toBeLessThanOrEqual(4);
      // At most one coming back per harmful append, and none without one.
      for (const { rejoins } of honest) expect(rejoins).toBeLessThanOrEqual(eve.harmful);
      expect(hostile).toBe(eve.appended);
      await honest[0]!.remove(people[HONEST]!.publicKey);
      expect(await settle(honest)).toBeLessThanOrEqual(4);
      const names = new Set(honest.map(({ state }) => toHex(epochAuthenticator(state))));
      expect(names.size).toBe(1);
      expect(await talk(honest)).toBe(HONEST * (HONEST - 1));
      expect(membersIn(honest[0]!.state)).toHaveLength(HONEST);
      // She can append no more that anyone would take.
      const rejoins = honest.map((member) => member.rejoins);
      for (const { commit } of [await proposeUpdate(eve.state), await evict(eve.state)]) {
        expect((await applyCommit(honest[1]!.state, commit, 0)).kind).toBe('void');
      }
      expect(honest.map((member) => member.rejoins)).toEqual(rejoins);
    }),
    { numRuns: 10, seed },
  );
});

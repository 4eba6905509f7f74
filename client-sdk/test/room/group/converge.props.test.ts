// Honest members always converge: members that read one ordered log each at their own pace, over random schedules of
// commits made at once, stale expectations, lost answers, crashes between append and apply, and a member that appends
// noise, evictions, falsely sealed paths and floods. The log orders and never judges, as the relay does.
import { beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { randomBytes, type SigningKeyPair } from '../../../src/crypto/index.ts';
import {
  applyCommit,
  decodeGroup,
  encodeGroup,
  epoch,
  epochAuthenticator,
  type GroupState,
  members,
  openApp,
  type Proposed,
  proposeRemoval,
  proposeUpdate,
  sealApp,
} from '../../../src/room/group/index.ts';
import { forgeAsMember, removing } from './forge.ts';
import { comeIn, fullRoom, type TestRoom } from './room.ts';

interface Entry {
  readonly id: number;
  readonly commit: Uint8Array;
}

interface Device {
  readonly key: SigningKeyPair;
  state: Uint8Array;
  pending: { id: number; next: Uint8Array } | undefined;
  read: number;
  rejoins: number;
  isBehind: boolean;
}

// The evil one's path has two levels: one sealed to the leaf beside it, one to all others.
const SIZE = 6;
const EVIL = 5;
const KINDS = ['update', 'crash', 'lost', 'read', 'noise', 'evict', 'spoil', 'flood'] as const;
const step = fc.record({ kind: fc.constantFrom(...KINDS), who: fc.nat(EVIL - 1), amount: fc.nat(3) });
type Step = { kind: (typeof KINDS)[number]; who: number; amount: number };

let start: { room: TestRoom; people: SigningKeyPair[]; states: Uint8Array[] };
beforeAll(async () => {
  const { room, people, states } = await fullRoom(SIZE);
  start = { room, people, states: states.map(encodeGroup) };
});

function world() {
  const log: Entry[] = [];
  let ids = 0;
  const devices = start.people.map((key, i): Device => {
    const state = start.states[i] ?? new Uint8Array();
    return { key, state, pending: undefined, read: 0, rejoins: 0, isBehind: false };
  });
  const device = (i: number): Device => devices[i]!;
  // Every use of a state goes through its stored form: a crash at any moment loses nothing but this.
  const stateOf = (i: number): Promise<GroupState> => decodeGroup(device(i).state);

  /** Compare-and-set on the newest entry, as the relay's ordered append. */
  const append = (commit: Uint8Array, expected: number): number | undefined => {
    if (expected !== log.length) return undefined;
    log.push({ id: ++ids, commit });
    return ids;
  };

  const read = async (i: number, amount = Infinity): Promise<void> => {
    const one = device(i);
    for (let n = 0; n < amount && one.read < log.length; n++) {
      const entry = log[one.read++]!;
      if (one.pending?.id === entry.id) {
        one.state = one.pending.next;
        one.pending = undefined;
        continue;
      }
      const verdict = await applyCommit(await stateOf(i), entry.commit, 0);
      if (verdict.kind === 'applied' && !verdict.selfRemoved) {
        one.state = encodeGroup(verdict.next);
        one.isBehind = false;
        one.pending = undefined;
      } else if (verdict.kind === 'cannot-open') one.isBehind = true;
    }
  };

  /** Proposes on what the device knows. `heard`: whether it learns at once what became of it. */
  const commit = async (i: number, make: (own: GroupState) => Promise<Proposed>, heard: boolean) => {
    const one = device(i);
    if (one.pending !== undefined) return;
    const proposed = await make(await stateOf(i));
    const id = append(proposed.commit, one.read);
    // Stored before it is sent; a stale one is dropped and made anew on the newer state.
    if (id !== undefined) one.pending = { id, next: encodeGroup(proposed.next) };
    if (heard) await read(i);
  };

  /** As the beacon makes it: whoever is not where the host is comes back from the host's state. */
  const settle = async (): Promise<void> => {
    for (let round = 0; round < SIZE; round++) {
      for (let i = 0; i < EVIL; i++) await read(i);
      const host = await stateOf(0);
      for (let i = 1; i < EVIL; i++) {
        const own = await stateOf(i);
        if (epochAuthenticator(own).join() === epochAuthenticator(host).join()) continue;
        const back = await comeIn(start.room, host, device(i).key);
        const id = append(back.commit, log.length);
        if (id === undefined) continue;
        device(i).pending = { id, next: encodeGroup(back.next) };
        device(i).rejoins++;
        break;
      }
    }
    for (let i = 0; i < EVIL; i++) await read(i);
  };
  return { log, devices, stateOf, append, read, commit, settle };
}

type World = ReturnType<typeof world>;

async function evil(at: World, { kind, amount }: Step): Promise<number> {
  await at.read(EVIL);
  const own = await at.stateOf(EVIL);
  switch (kind) {
    case 'noise':
      at.append(randomBytes(200 + amount), at.log.length);
      return 1;
    case 'flood':
      for (let n = 0; n < 8; n++) at.append(randomBytes(64), at.log.length);
      return 8;
    case 'evict':
      at.append(await forgeAsMember(own, { proposals: [removing(amount)] }), at.log.length);
      return 1;
    default:
      at.append(
        await forgeAsMember(own, {
          path: (path) => ({
            ...path,
            nodes: path.nodes.map((node, level) => {
              const isSpoilt = ((amount >> level) & 1) === 1;
              const seal = (sealed: (typeof node.encryptedPathSecret)[number]) =>
                isSpoilt ? { ...sealed, ciphertext: randomBytes(sealed.ciphertext.length) } : sealed;
              return { ...node, encryptedPathSecret: node.encryptedPathSecret.map(seal) };
            }),
          }),
        }),
        at.log.length,
      );
      return 1;
  }
}

async function play(steps: readonly Step[]): Promise<void> {
  const at = world();
  let byEvil = 0;
  for (const one of steps) {
    switch (one.kind) {
      case 'update':
        await at.commit(one.who, proposeUpdate, true);
        break;
      case 'lost':
      case 'crash':
        // The answer never comes: what became of the append shows only in the log.
        await at.commit(one.who, proposeUpdate, false);
        break;
      case 'read':
        await at.read(one.who, one.amount);
        break;
      default:
        byEvil += await evil(at, one);
    }
  }
  await at.settle();

  const states = await Promise.all(at.devices.slice(0, EVIL).map((_, i) => at.stateOf(i)));
  expect(new Set(states.map((state) => epochAuthenticator(state).join())).size).toBe(1);
  const [host, other] = states;
  if (host === undefined || other === undefined) throw new Error('nobody');
  // Nobody was evicted, and the epoch moved only by honest commits: what the evil member appended changed nothing.
  expect(members(host)).toHaveLength(SIZE);
  expect(epoch(host)).toBeLessThanOrEqual(SIZE - 1 + at.log.length - byEvil);
  // The bound: one rejoin at most for each honest member but the host, however much the evil one appended.
  for (const { rejoins } of at.devices.slice(0, EVIL)) expect(rejoins).toBeLessThanOrEqual(1);

  const sealed = await sealApp(host, randomBytes(9));
  expect((await openApp(other, sealed.message)).sender.leaf).toBe(0);
  const { next } = await proposeRemoval(host, { leaves: [EVIL] });
  expect(members(next)).toHaveLength(EVIL);
}

test('honest members converge whatever the schedule and the evil member', async () => {
  const minutes = Number(process.env['SOTTO_ROOMS_MINUTES'] ?? 0);
  const seed = Number(process.env['SOTTO_ROOMS_SEED'] ?? Date.now() % 0x7fffffff);
  process.stderr.write(`rooms converge: seed ${String(seed)}\n`);
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), play),
    minutes > 0
      ? { seed, numRuns: 1_000_000, interruptAfterTimeLimit: minutes * 60_000, endOnFailure: true }
      : { seed, numRuns: 12, endOnFailure: true },
  );
}, 3_600_000);

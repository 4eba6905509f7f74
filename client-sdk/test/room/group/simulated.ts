// Members of a room, simulated over an ordered log in memory, for split.props.test.ts: each keeps its state and its
// pending commit as stored bytes and wipes what it leaves behind, reads the log in its own time, crashes, loses answers.
// One of them, Eve, is a member who does what she likes.
import { randomBytes, type SigningKeyPair, toHex, wipe } from '../../../src/crypto/index.ts';
import {
  applyCommit,
  decodeGroup,
  encodeGroup,
  epochAuthenticator,
  type GroupState,
  isStateOf,
  joinExternally,
  openApp,
  type Proposed,
  proposeRemoval,
  proposeUpdate,
  publicState,
  type PublicState,
  readPublicState,
  sealApp,
} from '../../../src/room/group/index.ts';
import { leafOf } from '../../../src/room/group/tree.ts';
import type { TestRoom } from './room.ts';

export interface Entry {
  readonly id: string;
  readonly commit?: Uint8Array;
  readonly state: Uint8Array;
  /** Appended by Eve. */
  readonly isHostile: boolean;
}

/** What a log of the relay does: takes an append that names the last one, once. */
export class OrderedLog {
  readonly entries: Entry[] = [];

  /** @returns whether it is in, now or from an earlier try. */
  append(entry: Entry, expect: number): boolean {
    if (this.entries.some(({ id }) => id === entry.id)) return true;
    if (expect !== this.entries.length) return false;
    this.entries.push(entry);
    return true;
  }
}

interface Pending {
  readonly entry: Entry;
  readonly expect: number;
  readonly next: Uint8Array;
}

/** A member who keeps to the rules, as room/runner.ts does. */
export class Honest {
  readonly pair: SigningKeyPair;
  /** What lies in the store. */
  private stored: Uint8Array;
  private pending: Pending | undefined;
  private read: number;
  private wantsBack = false;
  /** The slot holds a state that isn't mine: the host puts the right one back. */
  private slotIsWrong = false;
  /** How often it came back. */
  rejoins = 0;
  voided = 0;
  state: GroupState;
  private readonly room: TestRoom;
  private readonly log: OrderedLog;

  constructor(input: { room: TestRoom; log: OrderedLog; pair: SigningKeyPair; state: GroupState }) {
    this.room = input.room;
    this.log = input.log;
    this.pair = input.pair;
    this.state = input.state;
    this.stored = encodeGroup(input.state);
    this.read = input.log.entries.length;
  }

  private move(next: GroupState, spent: readonly Uint8Array[]): void {
    this.stored = encodeGroup(next);
    this.state = next;
    wipe(...spent);
  }

  /** All that is not in the store is gone; what was to be sent is sent again. */
  async crash(): Promise<void> {
    this.state = await decodeGroup(this.stored);
    if (this.pending !== undefined) this.send(false);
  }

  async readUpTo(count: number): Promise<void> {
    for (let i = 0; i < count && this.read < this.log.entries.length; i++) {
      const entry = this.log.entries[this.read];
      if (entry !== undefined) await this.take(entry);
      this.read++;
    }
  }

  catchUp(): Promise<void> {
    return this.readUpTo(Infinity);
  }

  private async take(entry: Entry): Promise<void> {
    const { pending } = this;
    this.pending = undefined;
    if (pending?.entry.id === entry.id) {
      this.wantsBack = false;
      this.move(await decodeGroup(pending.next), []);
    } else if (entry.commit !== undefined && !this.wantsBack) {
      const verdict = await applyCommit(this.state, entry.commit, 0);
      if (verdict.kind === 'void') this.voided++;
      if (verdict.kind === 'cannot-open') this.wantsBack = true;
      if (verdict.kind === 'applied') {
        if (verdict.selfRemoved) throw new Error('an honest member was removed');
        this.move(verdict.next, verdict.spent);
      }
    }
    this.slotIsWrong = !(await this.isMine(entry.state));
  }

  private async isMine(packet: Uint8Array): Promise<boolean> {
    try {
      return await isStateOf(this.state, await this.readState(packet));
    } catch {
      return false;
    }
  }

  private readState(packet: Uint8Array): Promise<PublicState> {
    return readPublicState(packet, { roomKey: this.room.roomKey.publicKey });
  }

  /** The newest state in the log that passes; the slot's history holds sixteen before it. */
  private async newestState(): Promise<PublicState | undefined> {
    for (const { state } of this.log.entries.slice(-17).reverse()) {
      try {
        return await this.readState(state);
      } catch {
        // Nonsense: the one before it.
      }
    }
    return undefined;
  }

  /** Appends what it has in mind; `answered` false: the answer is lost, and the log itself tells. */
  async propose(make: (state: GroupState) => Promise<Proposed>, answered: boolean): Promise<void> {
    if (this.pending !== undefined || this.wantsBack) return;
    const { commit, next, publicState: state } = await make(this.state);
    // `spent` is not wiped yet: another commit may win.
    this.pend({ commit, state }, next);
    this.send(answered);
  }

  private pend(what: { commit?: Uint8Array; state: Uint8Array }, next: GroupState): void {
    const entry = { ...what, id: toHex(randomBytes(16)), isHostile: false };
    this.pending = { entry, expect: this.read, next: encodeGroup(next) };
  }

  private send(answered: boolean): void {
    const { pending } = this;
    if (pending === undefined) return;
    const isIn = this.log.append(pending.entry, pending.expect);
    if (!isIn && answered) this.pending = undefined;
  }

  update(answered: boolean): Promise<void> {
    return this.propose(proposeUpdate, answered);
  }

  remove(pseudonym: Uint8Array): Promise<void> {
    return this.propose((state) => {
      const leaf = leafOf(state.mls.ratchetTree, pseudonym);
      return leaf === undefined ? proposeUpdate(state) : proposeRemoval(state, { leaves: [leaf] });
    }, true);
  }

  /** What everyone does once the log is quiet: come back where the thread is lost. @returns whether it did anything. */
  async mend(): Promise<boolean> {
    await this.catchUp();
    if (!this.wantsBack) return false;
    const state = await this.newestState();
    if (state === undefined) return false;
    const { commit, next, publicState: after } = await joinExternally({ state, pseudonym: this.pair });
    this.pend({ commit, state: after }, next);
    this.send(true);
    await this.catchUp();
    this.rejoins++;
    return true;
  }

  /** The host's: the right state back into the slot. @returns whether it was wrong. */
  async repair(): Promise<boolean> {
    await this.catchUp();
    if (this.wantsBack || !this.slotIsWrong) return false;
    this.pend({ state: await publicState(this.state) }, this.state);
    this.send(true);
    await this.catchUp();
    return true;
  }

  /** A host's beacon came by: whoever differs comes back. */
  hear(authenticator: Uint8Array): void {
    if (toHex(epochAuthenticator(this.state)) !== toHex(authenticator)) this.wantsBack = true;
  }

  get isAstray(): boolean {
    return this.wantsBack;
  }
}

/** Everybody says something, and everybody else reads it. @returns how many were read. */
export async function talk(members: readonly Honest[]): Promise<number> {
  let count = 0;
  for (const author of members) {
    const { message, next, spent } = await sealApp(author.state, author.pair.publicKey);
    author.state = next;
    wipe(...spent);
    for (const reader of members) {
      if (reader === author) continue;
      const opened = await openApp(reader.state, message);
      if (toHex(opened.plaintext) !== toHex(author.pair.publicKey)) throw new Error('another text');
      if (toHex(opened.sender.pseudonym) !== toHex(author.pair.publicKey)) throw new Error('another author');
      reader.state = opened.next;
      wipe(...opened.spent);
      count++;
    }
  }
  return count;
}

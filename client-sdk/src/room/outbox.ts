// What I say in a room on its way: contents wait in order, are signed and sealed for the epoch that holds now, written
// down with the generation they used, and only then appended. When a removal replaced the writer key, what the relay
// hasn't taken is sealed anew under the same content id.
import { signContent } from '../content/author.ts';
import { type Content, CONTENT_VERSION } from '../content/content.ts';
import { splitBody } from '../content/parts.ts';
import { asKey, equalBytes, randomBytes, signingKeyPair, toHex, wipe } from '../crypto/index.ts';
import { hasCode } from '../errors.ts';
import type { AppendOutcome, RelaySession, WriterHandle } from '../net/index.ts';
import { type Queued, queuedContents, type Sealed, sealedBlocks } from '../outbox/record.ts';
import { blockKeyOf, sealBlock } from './block.ts';
import { plainCodec } from './control.ts';
import { epoch, type GroupState, sealApp } from './group/index.ts';
import { finish } from './own-words.ts';
import { PACKET_KINDS, packetCodec } from './packet.ts';
import { ownAppends, ROOM_PHASES, type RoomRecord } from './record.ts';
import { pathOf } from './said.ts';
import { roomPath, type RoomStep } from './step.ts';

/** Unanswered blocks on their way at once; the wire allows 64. */
const MAX_ON_THE_WAY = 32;
/** Of a content's body in one block, with signature, name and MLS' framing around it. */
export const PART_BYTES = 3_200;

export interface OutboxHome {
  record(): RoomRecord;
  group(): GroupState | undefined;
  /** The group as sealing left it; called once that is durable. */
  setGroup(next: GroupState): void;
  roomId: Uint8Array;
  id: string;
  exclusively<R>(work: () => Promise<R>): Promise<R>;
  step<R>(work: (step: RoomStep) => Promise<R>): Promise<R>;
  session(): RelaySession;
  /** Everything that the log held when this device connected was read. */
  isCaughtUp(): boolean;
  background(work: () => Promise<unknown>): void;
  /** The writer key is refused, and no other is known. */
  writerLost(): void;
}

export class RoomOutbox {
  private readonly home: OutboxHome;
  /** `isResumed`: what an earlier one left unanswered was repeated on it. */
  private writer: { seed: Uint8Array; handle: WriterHandle; isResumed: boolean } | undefined;
  /** A key that the relay refused: nothing is tried with it again. */
  private dead: Uint8Array | undefined;
  private pumping = false;
  private again = false;
  private stopped = false;

  constructor(home: OutboxHome) {
    this.home = home;
  }

  /** Looks whether there is something to send. */
  wake(): void {
    if (this.pumping) {
      this.again = true;
      return;
    }
    this.pumping = true;
    this.home.background(async () => {
      try {
        do {
          this.again = false;
          await this.round();
        } while (this.again as boolean);
      } finally {
        this.pumping = false;
      }
    });
  }

  /** The right to append as a member, for ordered packets too; undefined while no key is known. */
  right(): WriterHandle | undefined {
    const { writerSeed, writeId } = this.home.record();
    if (this.stopped || writerSeed === undefined || this.isDead(writerSeed)) return undefined;
    if (this.writer !== undefined && equalBytes(this.writer.seed, writerSeed)) return this.writer.handle;
    this.writer?.handle.release();
    const handle = this.home.session().writer({
      writeId,
      keySeed: asKey('signing-seed', writerSeed),
      onProved: ({ superseded }) => {
        if (superseded) this.lost(writerSeed);
      },
      onStatus: (status) => {
        if (status.state === 'dead') this.lost(writerSeed);
      },
    });
    this.writer = { seed: writerSeed, handle, isResumed: false };
    return handle;
  }

  /** The log was made anew: a key that was refused since it was lost is good again. */
  revive(): void {
    this.dead = undefined;
    this.wake();
  }

  stop(): void {
    this.stopped = true;
    this.writer?.handle.release();
    this.writer = undefined;
  }

  private isDead(seed: Uint8Array): boolean {
    return this.dead !== undefined && equalBytes(this.dead, seed);
  }

  private lost(seed: Uint8Array): void {
    if (this.stopped || this.isDead(seed)) return;
    this.dead = seed;
    if (this.writer !== undefined && equalBytes(this.writer.seed, seed)) {
      const { handle } = this.writer;
      this.writer = undefined;
      // Repeats that were accepted before are still answered; then it is over.
      setTimeout(() => {
        handle.release();
      }, 0);
    }
    this.home.background(async () => {
      await this.home.exclusively(() => this.home.step((step) => requeue(step)));
      const { writerSeed } = this.home.record();
      if (writerSeed !== undefined && equalBytes(writerSeed, seed)) this.home.writerLost();
      this.wake();
    });
  }

  private async round(): Promise<void> {
    const { home } = this;
    const { phase, rejoinWanted } = home.record();
    if (this.stopped || phase !== ROOM_PHASES.in || rejoinWanted || !home.isCaughtUp()) return;
    if (this.right() === undefined) return;
    // Whoever asked for the right first: a commit may have.
    const isNew = this.writer?.isResumed === false;
    const waiting = isNew ? await home.step((step) => sealedRows(step)) : [];
    const writer = this.right();
    if (writer === undefined || this.writer === undefined) return;
    this.writer.isResumed ||= isNew;
    for (const { key, value } of waiting) this.submit(writer, key, value, true);
    const fresh = await home.exclusively(() => this.seal());
    for (const { key, value } of fresh) this.submit(writer, key, value, false);
    if (fresh.length > 0) this.again = true;
  }

  private async seal(): Promise<readonly { key: number; value: Sealed }[]> {
    const { home } = this;
    let group = home.group();
    if (group === undefined || home.record().rejoinWanted) return [];
    const spent: Uint8Array[] = [];
    const sealed = await home.step(async (step) => {
      const rows: { key: number; value: Sealed }[] = [];
      let room = MAX_ON_THE_WAY - (await sealedRows(step)).length;
      for (const { key, value } of await waitingContents(step)) {
        const bodies = splitBody(value.body, PART_BYTES);
        if (bodies.length > room) break;
        for (const [part, body] of bodies.entries()) {
          const made = await sealPart(step, home.roomId, group as GroupState, {
            queued: value,
            part,
            of: bodies.length,
            body,
          });
          group = made.next;
          spent.push(...made.spent);
          const row = { ...made.row, queued: key, sealing: value.sealing + 1 };
          const number = step.record.nextSealed + 1;
          step.record = { ...step.record, nextSealed: number };
          const under = roomPath(step.owner);
          const partition = step.owner.conversationId;
          await sealedBlocks.put(step.tx, { partition, key: number, value: row }, { under });
          const { contentId, shown } = value;
          const own = {
            contentId,
            last: part + 1 === bodies.length,
            shown,
            queued: key,
            again: value.again > 0,
          };
          await ownAppends.put(step.tx, { partition, key: toHex(row.appendId), value: own }, { under });
          rows.push({ key: number, value: row });
        }
        room -= bodies.length;
        await putQueued(step, key, {
          ...value,
          parts: bodies.length,
          answered: 0,
          sealing: value.sealing + 1,
        });
      }
      return rows;
    });
    if (sealed.length > 0) home.setGroup(group);
    wipe(...spent);
    return sealed;
  }

  private submit(writer: WriterHandle, key: number, row: Sealed, repeat: boolean): void {
    const { appendId, block, commitment } = row;
    writer.append({ appendId, block, commitment, repeat }).then(
      (outcome) => {
        this.home.background(() => this.answered(key, row, outcome));
      },
      (error: unknown) => {
        // A lost right puts all of it back into the queue; a closed connection leaves it for the next one.
        if (hasCode(error, 'NET_INVALID') || hasCode(error, 'NET_TOKEN'))
          this.lost(this.writer?.seed ?? appendId);
      },
    );
  }

  private async answered(key: number, row: Sealed, outcome: AppendOutcome): Promise<void> {
    await this.home.step(async (step) => {
      const partition = step.owner.conversationId;
      sealedBlocks.del(step.tx, partition, key);
      const queued = await queuedContents.get(step.tx, partition, row.queued);
      if (queued?.sealing !== row.sealing) return;
      const keptUntil = Math.max(queued.keptUntil, outcome.keptUntil);
      if (queued.answered + 1 < queued.parts) {
        await putQueued(step, row.queued, { ...queued, answered: queued.answered + 1, keptUntil });
        return;
      }
      await finish(step, row.queued, queued, keptUntil);
    });
    this.wake();
  }
}

async function sealPart(
  step: RoomStep,
  roomId: Uint8Array,
  group: GroupState,
  cut: { queued: Queued; part: number; of: number; body: Uint8Array },
) {
  const { record } = step;
  const content: Content = {
    version: CONTENT_VERSION,
    id: cut.queued.contentId,
    stream: record.stream,
    sequence: record.outSequence + 1,
    at: cut.queued.at,
    type: cut.queued.type,
    part: cut.part,
    parts: cut.of,
    timerSeconds: 0,
    body: cut.body,
  };
  const now = epoch(group);
  const pair = signingKeyPair(asKey('signing-seed', record.pseudonymSeed));
  const thread = { conversation: roomId, epoch: now, previous: record.previous };
  const signed = signContent(content, thread, pair);
  const again = cut.queued.again > 0;
  const plain = plainCodec.encode({ name: record.name, content: signed.content, again });
  const sealed = await sealApp(group, plain);
  const packet = packetCodec.encode({ kind: PACKET_KINDS.message, message: sealed.message });
  step.record = {
    ...record,
    outSequence: content.sequence,
    previous: signed.previous,
    epoch: now,
    generation: sealed.generation,
  };
  const row = {
    appendId: randomBytes(16),
    block: sealBlock(blockKeyOf(record.roomSecret ?? new Uint8Array(32)), packet),
    commitment: signed.commitment,
    writeId: record.writeId,
  };
  return { row, next: sealed.next, spent: sealed.spent };
}

async function sealedRows(step: RoomStep): Promise<{ key: number; value: Sealed }[]> {
  const rows = [];
  for await (const row of sealedBlocks.scan(step.tx, step.owner.conversationId)) rows.push(row);
  return rows;
}

async function waitingContents(step: RoomStep): Promise<{ key: number; value: Queued }[]> {
  const waiting = [];
  for await (const entry of queuedContents.scan(step.tx, step.owner.conversationId)) {
    if (entry.value.parts === 0) waiting.push(entry);
    if (waiting.length >= MAX_ON_THE_WAY) break;
  }
  return waiting;
}

async function putQueued(step: RoomStep, key: number, value: Queued): Promise<void> {
  const entry = { partition: step.owner.conversationId, key, value };
  await queuedContents.put(step.tx, entry, { under: await pathOf(step, value) });
}

/** What was sealed and not answered goes back into the queue: it will be sealed for the epoch that holds then. */
export async function requeue(step: RoomStep): Promise<void> {
  const partition = step.owner.conversationId;
  for (const { key } of await sealedRows(step)) {
    // It may be there after all: the row that knows it as mine stays until the log was read past it.
    sealedBlocks.del(step.tx, partition, key);
  }
  const again: { key: number; value: Queued }[] = [];
  for await (const entry of queuedContents.scan(step.tx, partition)) {
    if (entry.value.parts > 0) again.push(entry);
  }
  for (const { key, value } of again) {
    await putQueued(step, key, { ...value, parts: 0, answered: 0, sealing: value.sealing + 1 });
  }
}

// Reads one room's log: keeps a reader under the key that holds now, opens members' messages and hands them to act.ts,
// and notes what doesn't open. Ordered packets are ordered.ts'. A block and what it did are one transaction.
import { Backoff, pause } from '../context.ts';
import { equalBytes, toHex, wipe } from '../crypto/index.ts';
import { hasCode } from '../errors.ts';
import type { ChannelReset, ReceivedBlock, RightStatus, SlotBlock } from '../net/index.ts';
import { receiveMessage } from './act.ts';
import { blockKeyOf, openBlock } from './block.ts';
import { plainCodec } from './control.ts';
import { epoch, type GroupState, messageEpoch, openApp } from './group/index.ts';
import { CHECKPOINT_EVERY, consume, saveGroup } from './group-store.ts';
import { LogReader } from './log-reader.ts';
import { hearOwn } from './own-words.ts';
import { decodePacket, type Packet, PACKET_KINDS } from './packet.ts';
import { ownAppends, ROOM_PHASES } from './record.ts';
import { untilReturn } from './returning.ts';
import type { RoomRunner } from './runner.ts';
import { agree } from './said.ts';
import { MAX_BACK } from './slot.ts';
import { roomNotice, type RoomStep, showGap } from './step.ts';

/** Messages in a row that don't open, after which this device takes itself for lost. */
const MAX_UNOPENED = 5;

export class Reading {
  private readonly runner: RoomRunner;
  private reader: LogReader | undefined;
  private caughtUp = false;
  private sinceCheckpoint = 0;
  /** Messages in a row that say they are of my epoch and don't open. */
  private foreign = 0;
  /** Between tries with a right that is refused, until something is read again. */
  private readonly backoff: Backoff;

  constructor(runner: RoomRunner) {
    this.runner = runner;
    this.backoff = new Backoff(runner.host.context.pace);
  }

  /** Everything that the log held when this device connected was read. */
  get isCaughtUp(): boolean {
    return this.caughtUp;
  }

  /** The slot, or one before it. @throws SottoError NET_… @returns undefined where nothing is read. */
  async readSlot(back: number): Promise<SlotBlock | undefined> {
    return this.reader?.readSlot(back);
  }

  /** Reads on under the key that the record holds now. */
  open(): void {
    const { runner } = this;
    const record = runner.record();
    const { readId, readerSeed, incarnation } = record;
    if (runner.isStopped || readId === undefined || readerSeed === undefined || incarnation === undefined)
      return;
    this.close();
    const reader = new LogReader(
      {
        session: runner.session(),
        receive: (block) => this.receive(block),
        reset: (reset) => {
          runner.background(() => this.onReset(reset));
        },
        caughtUp: () => {
          this.caughtUp = true;
          this.backoff.reset();
          runner.outbox.wake();
          runner.tell({ type: 'flow', asked: false });
        },
        lost: (status) => {
          if (this.reader === reader) runner.background(() => this.onLost(status, readerSeed));
        },
      },
      { ...record, readId, readerSeed },
    );
    this.reader = reader;
  }

  close(): void {
    this.caughtUp = false;
    this.reader?.close();
    this.reader = undefined;
  }

  /** The group's state was written whole. */
  checkpointed(): void {
    this.sinceCheckpoint = 0;
  }

  /** @returns undefined for what is no packet of this room. */
  packetIn(block: Uint8Array): Packet | undefined {
    const { roomSecret } = this.runner.record();
    if (roomSecret === undefined) return undefined;
    const encoded = openBlock(blockKeyOf(roomSecret), block);
    return encoded === undefined ? undefined : decodePacket(encoded);
  }

  private async onReset(reset: ChannelReset): Promise<void> {
    const { runner } = this;
    const { incarnation, cause } = reset;
    await runner.exclusively(() =>
      runner.step(async (step) => {
        if (cause === 'expired') {
          await showGap(step, 1);
          return;
        }
        const cursor = cause === 'new-store' ? 0 : reset.head;
        const ordered = cause === 'new-store' ? 0 : Math.min(step.record.ordered, reset.head);
        step.record = { ...step.record, incarnation, cursor, ordered };
        await roomNotice(step, 'relay');
      }),
    );
    if (cause === 'new-store') runner.revive();
    if (cause === 'expired') await this.mindExpired(reset.floor);
  }

  /** Where ordered packets expired that I hadn't read, no later one can be followed. */
  private async mindExpired(floor: number): Promise<void> {
    const { runner } = this;
    for (let back = 0; back <= MAX_BACK; back++) {
      const slot = await this.readSlot(back).catch(() => undefined);
      if (slot === undefined) return;
      if (slot.sequence >= floor) continue;
      if (slot.sequence <= runner.record().ordered) return;
      // The log will never bring it: nobody may wait for it.
      const ordered = slot.sequence;
      await runner.exclusively(() =>
        runner.step((step) => {
          step.record = { ...step.record, ordered: Math.max(step.record.ordered, ordered) };
          return Promise.resolve();
        }),
      );
      await runner.returning.lose();
      return;
    }
  }

  private async onLost(status: RightStatus, seed: Uint8Array): Promise<void> {
    const { runner } = this;
    const { context, stopped } = runner.host;
    if (status.reason !== undefined || hasCode(status.error, 'NET_BLOCKED')) {
      await runner.end(ROOM_PHASES.closed);
      return;
    }
    if (status.state === 'stuck') {
      runner.host.trouble(status.error);
      await pause(context.pace.retryMaxMs, stopped);
      this.reader?.retry();
      return;
    }
    // Replaced by a removal that was read: the new reader is on its way already.
    const { readerSeed } = runner.record();
    if (readerSeed !== undefined && !equalBytes(readerSeed, seed)) return;
    if (await this.takeWay()) return;
    runner.tell({ type: 'owner' });
    await pause(this.backoff.nextMs(), stopped);
    if (this.reader !== undefined) this.open();
  }

  /** The last packet that my key reads changed it, and I couldn't follow: it brought the next one for me all the same. */
  private async takeWay(): Promise<boolean> {
    const { runner } = this;
    const took = await runner.exclusively(() =>
      runner.step((step) => {
        const { wayReaderSeed, wayJoinerSeed, writerSeed: _, ...record } = step.record;
        if (wayReaderSeed === undefined || wayJoinerSeed === undefined) return Promise.resolve(false);
        step.record = { ...record, readerSeed: wayReaderSeed, joinerSeed: wayJoinerSeed };
        return Promise.resolve(true);
      }),
    );
    if (!took) return false;
    this.open();
    await runner.returning.lose();
    return true;
  }

  private async receive(block: ReceivedBlock): Promise<void> {
    const { runner } = this;
    await runner.exclusively(async () => {
      const { incarnation, cursor } = runner.record();
      const isKnown = incarnation !== undefined && equalBytes(incarnation, block.incarnation);
      if (!runner.isAlive || (isKnown && block.sequence <= cursor)) return;
      if (block.ordered) await runner.ordered.receive(block);
      else await this.receiveMessage(block);
    });
  }

  private async receiveMessage(block: ReceivedBlock): Promise<void> {
    const { runner } = this;
    const isMine = await runner.host.context.vault.read((view) =>
      ownAppends.get(view, runner.id, toHex(block.appendId)),
    );
    if (isMine !== undefined) {
      await runner.step(async (step) => {
        advance(step, block);
        await hearOwn(step, block);
      });
      return;
    }
    const packet = this.packetIn(block.block);
    const state = runner.group();
    const message = packet?.kind === PACKET_KINDS.message ? packet.message : undefined;
    if (message === undefined || state === undefined || runner.record().rejoinWanted) {
      await this.unreadable(block, message !== undefined);
      return;
    }
    let opened: Awaited<ReturnType<typeof openApp>>;
    let plain;
    try {
      opened = await openApp(state, message);
      plain = plainCodec.decode(opened.plaintext);
    } catch {
      // Sealed before I came in, and overtaken by my coming: it was never for me.
      const isOlder = (messageEpoch(message) ?? Infinity) < runner.record().since;
      if (isOlder) await runner.step((step) => passBy(step, block));
      else {
        await this.unreadable(block, true, isAhead(message, state));
        this.doubt(message, state);
      }
      return;
    }
    const { sender, epoch: at, generation, next } = opened;
    const isCheckpoint = ++this.sinceCheckpoint >= CHECKPOINT_EVERY;
    await runner.step(async (step) => {
      advance(step, block);
      step.record = { ...step.record, unopened: 0, rejoins: 0 };
      if (isCheckpoint) await saveGroup(step, next);
      if (runner.isHost || runner.isHostKey(sender.pseudonym)) await agree(step, at);
      if (!(await consume(step, { epoch: at, leaf: sender.leaf, generation }))) return;
      await receiveMessage(step, runner.scene(), {
        plain,
        pseudonym: sender.pseudonym,
        isHost: runner.isHostKey(sender.pseudonym),
        isMuted: runner.isMutedKey(sender.pseudonym),
        epoch: at,
        keptUntil: block.keptUntil,
      });
      // A member's message of this epoch opened: the state that was entered by is the real one.
      if (step.record.phase === ROOM_PHASES.entering && step.record.writerSeed !== undefined) {
        step.record = { ...step.record, phase: ROOM_PHASES.in };
        step.effects.push({ type: 'state' }, { type: 'entered' });
      }
    });
    if (isCheckpoint) this.sinceCheckpoint = 0;
    this.foreign = 0;
    runner.setGroup(next);
    wipe(...opened.spent);
  }

  /** Its author may be in another epoch than I, with the same number or a higher one. */
  private doubt(message: Uint8Array, state: GroupState): void {
    const { runner } = this;
    if ((messageEpoch(message) ?? -1) < epoch(state) || !this.caughtUp) return;
    this.foreign++;
    if (runner.isHost || this.foreign % MAX_UNOPENED === 0) runner.tell({ type: 'astray' });
  }

  /** @param ahead - it says that it is of an epoch that I haven't reached: the others may have gone on without me. */
  private async unreadable(block: ReceivedBlock, shown: boolean, ahead = false): Promise<void> {
    const { runner } = this;
    const { now, pace } = runner.host.context;
    const lost = await runner.step(async (step) => {
      advance(step, block);
      step.record = {
        ...step.record,
        unreadable: step.record.unreadable + 1,
        unopened: step.record.unopened + (ahead ? 1 : 0),
      };
      if (shown) await showGap(step, 1);
      const { unopened, rejoinAt, phase } = step.record;
      const isTime = untilReturn(step.record, pace, { since: rejoinAt, now: now() }) === 0;
      return phase === ROOM_PHASES.in && unopened >= MAX_UNOPENED && isTime;
    });
    if (lost) await runner.returning.lose();
  }
}

/** The block was dealt with: in the same transaction as whatever it did. */
export function advance(step: RoomStep, block: ReceivedBlock): void {
  step.record = { ...step.record, incarnation: block.incarnation, cursor: block.sequence };
}

function isAhead(message: Uint8Array, state: GroupState): boolean {
  return (messageEpoch(message) ?? 0) > epoch(state);
}

function passBy(step: RoomStep, block: ReceivedBlock): Promise<void> {
  advance(step, block);
  return Promise.resolve();
}

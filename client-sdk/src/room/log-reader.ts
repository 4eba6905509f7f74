// Reads a room's log in order, from this device's cursor, under the key that holds now; when a removal replaces the key,
// the new one takes over where the old one ends. What the blocks mean is the runner's concern.
import { positionOf } from '../conversation/mailbox.ts';
import { asKey } from '../crypto/index.ts';
import type {
  ChannelReset,
  ReaderHandle,
  ReceivedBlock,
  RelaySession,
  RightStatus,
  SlotBlock,
} from '../net/index.ts';
import type { RoomRecord } from './record.ts';

export interface LogReaderOptions {
  readonly session: RelaySession;
  readonly receive: (block: ReceivedBlock) => Promise<void>;
  readonly reset: (reset: ChannelReset) => void;
  readonly caughtUp: () => void;
  /** The right is lost, or reading failed for good. */
  readonly lost: (status: RightStatus) => void;
}

export class LogReader {
  private readonly options: LogReaderOptions;
  private readonly handle: ReaderHandle;

  constructor(
    options: LogReaderOptions,
    record: RoomRecord & Required<Pick<RoomRecord, 'readId' | 'readerSeed'>>,
  ) {
    this.options = options;
    const after = positionOf(record.incarnation, record.cursor);
    this.handle = options.session.reader({
      readId: record.readId,
      keySeed: asKey('signing-seed', record.readerSeed),
      policy: 'log',
      ...(after === undefined ? {} : { after }),
      onBlock: (block) => this.options.receive(block),
      onReset: (reset) => {
        this.options.reset(reset);
      },
      onCaughtUp: () => {
        this.options.caughtUp();
      },
      onStatus: (status) => {
        if (status.state === 'dead' || status.state === 'stuck') this.options.lost(status);
      },
    });
  }

  readSlot(back: number): Promise<SlotBlock | undefined> {
    return this.handle.readSlot(back);
  }

  /** For spills that count against the log. */
  get right(): ReaderHandle {
    return this.handle;
  }

  retry(): void {
    this.handle.retry();
  }

  close(): void {
    this.handle.release();
  }
}

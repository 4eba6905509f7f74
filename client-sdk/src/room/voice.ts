// Whether I may say something in a room now, by its house's rules and my own phase: what a composer shows, and what is
// held to before anything is stored. The rules themselves, and receivers' side of them, are conduct.ts.
import type { Body } from '../content/content.ts';
import { SottoError } from '../errors.ts';
import { type Objection, objectionTo, type Speaker } from './conduct.ts';
import { ROOM_PHASES } from './record.ts';
import type { RoomRunner } from './runner.ts';
import type { RoomState } from './types.ts';

/** Others see my coming a little later than I do, and by their own clocks. */
const NEWCOMER_MARGIN_MS = 150_000;
/** How long someone who wants to write waits for a host's sign where there was none. */
const HAIL_MS = 3_000;

const OBJECTIONS = {
  muted: 'ROOM_MUTED',
  locked: 'ROOM_READ_ONLY',
  'read-only': 'ROOM_READ_ONLY',
  'no-files': 'ROOM_NO_FILES',
  unhosted: 'ROOM_UNHOSTED',
  slow: 'ROOM_SLOW',
  newcomer: 'ROOM_NEWCOMER',
} as const satisfies Record<Objection, string>;

/** What a right to speak is asked for. */
export type Saying = Exclude<Body, { type: 'attachment' }> | { readonly type: 'attachment' };
export const A_FILE: Saying = { type: 'attachment' };

export class Voice {
  private readonly runner: RoomRunner;

  constructor(runner: RoomRunner) {
    this.runner = runner;
  }

  /** Myself, as the others' clients see me. */
  speaker(): Speaker {
    const { runner } = this;
    const { joinedAt, saidAt } = runner.record();
    const key = runner.me.publicKey;
    return {
      isHost: runner.isHostKey(key),
      isMuted: runner.isMutedKey(key),
      since: joinedAt === 0 ? 0 : joinedAt + NEWCOMER_MARGIN_MS,
      lastAt: saidAt,
    };
  }

  /** What stands against saying anything at all. */
  obstacle(): RoomState['why'] {
    const { phase } = this.runner.record();
    if (phase === ROOM_PHASES.joining || phase === ROOM_PHASES.knocking || phase === ROOM_PHASES.entering)
      return 'entering';
    if (phase !== ROOM_PHASES.in && phase !== ROOM_PHASES.rejoining) return 'over';
    const objection = this.objection({ isSaid: false, text: '' });
    return objection === 'slow' || objection === 'newcomer' || objection === 'no-files'
      ? undefined
      : objection;
  }

  /** Whether the card and my time here allow files; a pause between messages doesn't count. */
  mayShowFiles(): boolean {
    return this.objection({ isSaid: false, isFile: true, text: '' }) === undefined;
  }

  /** @throws SottoError ROOM_ENTERING, ROOM_CLOSED, ROOM_MUTED, ROOM_READ_ONLY, ROOM_UNHOSTED, ROOM_SLOW, … */
  mustHave(what: Saying): void {
    const why = this.obstacle();
    if (why === 'entering') throw new SottoError('ROOM_ENTERING', { retry: 'later' });
    if (why === 'over') throw new SottoError('ROOM_CLOSED');
    const isFile = what.type === 'attachment';
    const isSaid = isFile || what.type === 'text';
    const text = what.type === 'text' || what.type === 'edit' ? what.text : '';
    const objection = this.objection({ isSaid, isFile, text });
    if (objection !== undefined)
      throw new SottoError(OBJECTIONS[objection], { retry: objection === 'muted' ? 'never' : 'later' });
  }

  /** The same, and where only a host's sign is missing, asks for one first. */
  async need(what: Saying): Promise<void> {
    if (this.obstacle() === 'unhosted') {
      // A host who is there answers at once.
      await this.runner.sayControl({ hail: true });
      const until = Date.now() + HAIL_MS;
      while (this.obstacle() === 'unhosted' && Date.now() < until)
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
    this.mustHave(what);
  }

  private objection(what: { isSaid: boolean; isFile?: boolean; text: string }): Objection | undefined {
    const { runner } = this;
    return objectionTo(runner.house(), this.speaker(), { at: runner.host.context.now(), ...what });
  }
}

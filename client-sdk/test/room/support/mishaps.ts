// What happens to an honest device, at a moment that is chosen: the process is gone between the relay's taking something
// and the device's knowing it, or an answer is lost. Whatever was durable by then is all that the next start finds.
import { type GroupState, proposeUpdate } from '../../../src/room/group/index.ts';
import type { Room } from '../../../src/index.ts';
import { preparedFrom } from '../../../src/room/prepare.ts';
import { COMMIT_KINDS } from '../../../src/room/record.ts';
import type { AppendOutcome, WriterHandle } from '../../../src/net/index.ts';
import type { Device } from './people.ts';

/** What never comes to be known. */
export const NEVER = new Promise<never>(() => undefined);

export type Append = Room['runner']['appends']['append'];

/** Does something else with the room's next ordered append. */
export function onNextAppend(
  room: Room,
  instead: (append: () => ReturnType<Append>) => ReturnType<Append>,
): void {
  const { appends } = room.runner;
  const append: Append = appends.append.bind(appends);
  appends.append = (...input) => {
    appends.append = append;
    return instead(() => append(...input));
  };
}

/** From now on nothing is written on this device any more, as if its process had just ended. */
export function stopTheClock({ runner }: Room): void {
  const { vault } = runner.host.context;
  vault.transact = () => NEVER;
}

/** The process is gone, wherever it was, and the profile is opened by another one. */
export async function crash(device: Device, room: Room): Promise<Room> {
  stopTheClock(room);
  await device.close();
  await device.open();
  const [again] = await device.persona.rooms();
  if (again === undefined) throw new Error('the room is gone');
  return again;
}

/** Resolves when the relay has taken the room's next ordered packet, of which this device writes down no more. */
export function goneAfterCommit(room: Room): Promise<void> {
  return new Promise((resolve) => {
    onNextAppend(room, async (append) => {
      stopTheClock(room);
      await append().catch(() => undefined);
      resolve();
      return NEVER;
    });
  });
}

/** Does something else with the room's next message, on its way to the relay. @returns once that has been done. */
export function onNextMessage(
  room: Room,
  instead: (append: () => Promise<AppendOutcome>) => Promise<AppendOutcome>,
): Promise<void> {
  const { outbox } = room.runner;
  const right = outbox.right.bind(outbox);
  return new Promise((resolve) => {
    outbox.right = () => {
      const handle = right();
      if (handle === undefined) return undefined;
      return Object.assign(Object.create(handle) as WriterHandle, {
        append: (input: Parameters<WriterHandle['append']>[0]) => {
          if (input.ordered !== undefined) return handle.append(input);
          outbox.right = right;
          return instead(async () => {
            const outcome = await handle.append(input);
            resolve();
            return outcome;
          });
        },
      });
    };
  });
}

/** Resolves when the relay has taken the room's next message, of which this device writes down no more. */
export function goneAfterMessage(room: Room): Promise<void> {
  return onNextMessage(room, async (append) => {
    stopTheClock(room);
    await append().catch(() => undefined);
    return NEVER;
  });
}

export function groupOf(room: Room): GroupState {
  const state = room.runner.group();
  if (state === undefined) throw new Error('no group');
  return state;
}

/** New keys for a member's leaf. */
export function update({ runner }: Room): Promise<boolean> {
  return runner.commits.run(() =>
    runner.exclusively(async () => {
      const before = runner.group();
      if (before === undefined || runner.record().rejoinWanted) return undefined;
      return preparedFrom(runner, before, await proposeUpdate(before), { kind: COMMIT_KINDS.update });
    }),
  );
}

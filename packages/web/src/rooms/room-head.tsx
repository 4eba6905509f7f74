// What stands over a room's messages: its name, how many are there, what holds at the moment, what is kept in view.

import type { ConversationView } from '../backend/backend.ts';
import type { RoomPart } from '../backend/rooms.ts';
import { Picture } from '../components/picture.tsx';
import { BackButton, FocusedHeading } from '../components/screen.tsx';
import { go } from '../state/place.ts';
import { duration } from '../i18n/dates.ts';
import { t } from '../i18n/translate.ts';

export function RoomHead(props: {
  readonly one: ConversationView;
  readonly room: RoomPart;
  readonly quiet: boolean;
  readonly onGoTo: (message: string) => void;
}) {
  const { one, room, quiet, onGoTo } = props;
  const { state } = room;
  const waiting = room.knocks + room.talkRequests;
  return (
    <>
      <div class="head">
        <FocusedHeading quiet={quiet} unseen>
          {one.name}
        </FocusedHeading>
        {!quiet && <BackButton />}
        <div class="grow">
          <button type="button" class="header-button" onClick={() => go({ at: 'room', id: one.id })}>
            <Picture seed={one.pictureSeed} size={40} />
            <span class="grow">
              <span class="name title" dir="auto">
                {one.name}
              </span>
              <span class="muted small">
                {/* Under the messages it says in which way one isn't in. */}
                {state.phase === 'in' || state.phase === 'entering'
                  ? t('room.people', { count: state.memberCount })
                  : t('room.about')}
              </span>
            </span>
            {waiting > 0 && <span class="new-mark">{t('room.waiting', { count: waiting })}</span>}
          </button>
        </div>
      </div>
      <HowItIs room={room} onGoTo={onGoTo} />
    </>
  );
}

function HowItIs({ room, onGoTo }: { readonly room: RoomPart; readonly onGoTo: (message: string) => void }) {
  const { state } = room;
  const { pinned } = state;
  const isSlow = state.pauseSeconds > 0 && state.maySend;
  const isUnhosted = !state.hosted && state.phase === 'in';
  if (!isSlow && !isUnhosted && pinned === undefined) return null;
  return (
    <div class="room-strip small" role="status">
      {isUnhosted && <span>{t('room.unhosted')}</span>}
      {isSlow && <span>{t('room.slow', { time: duration(state.pauseSeconds) })}</span>}
      {pinned !== undefined && (
        <button type="button" class="button quiet" onClick={() => onGoTo(pinned)}>
          {t('room.pinned')}
        </button>
      )}
    </div>
  );
}

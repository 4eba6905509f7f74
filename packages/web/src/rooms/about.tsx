// About one room: its card, the people, what I want to see of it, the host's tools, and the way out.

import { useEffect, useId, useState } from 'preact/hooks';
import type { Member, RoomFilters, TalkRequest } from '@sotto/client';
import type { RoomDeed, RoomDetails } from '../backend/rooms.ts';
import { Action } from '../components/action.tsx';
import { Confirm } from '../components/confirm.tsx';
import { Icon } from '../components/icon.tsx';
import { Picture } from '../components/picture.tsx';
import { Screen } from '../components/screen.tsx';
import { backend, conversations } from '../state/app.ts';
import { go, goFromTop } from '../state/place.ts';
import { roomChanges } from '../state/rooms.ts';
import { fullTime } from '../i18n/dates.ts';
import { t } from '../i18n/translate.ts';
import { CardFacts, CardRules } from './card-facts.tsx';
import { HostTools, HostLogView } from './host-tools.tsx';

/** What the worker knows of a room, asked anew whenever it says that it changed. */
export function useRoomDetails(id: string): RoomDetails | undefined {
  const [details, setDetails] = useState<RoomDetails>();
  const change = roomChanges.value.get(id) ?? 0;
  useEffect(() => {
    let over = false;
    backend()
      .roomDetails(id)
      .then((found) => {
        if (!over) setDetails(found);
      })
      .catch(() => undefined);
    return () => {
      over = true;
    };
  }, [id, change]);
  return details;
}

export function About({ id }: { readonly id: string }) {
  const one = conversations.value.find((candidate) => candidate.id === id);
  const details = useRoomDetails(id);
  if (one?.room === undefined) return <p class="empty">{t('talks.gone')}</p>;
  const { card, state } = one.room;
  const isIn = state.phase === 'in' || state.phase === 'entering' || state.phase === 'rejoining';
  const act = (deed: RoomDeed) => backend().roomDeed(id, deed);
  const over = (deed: () => Promise<void>) => async () => {
    await deed();
    goFromTop({ at: 'talks' });
  };
  return (
    <Screen title={t('room.about')}>
      <div class="welcome-self">
        <Picture seed={one.pictureSeed} size={72} label={t('picture', { name: one.name })} />
        <p class="persona-name grow">
          <bdi>{one.name}</bdi>
        </p>
      </div>
      <CardFacts card={card} door={state.door} memberCount={isIn ? state.memberCount : undefined} />
      <details class="card">
        <summary>{t('card.rules')}</summary>
        <CardRules card={card} />
      </details>
      {details !== undefined && isIn && (
        <>
          <Requests id={id} requests={details.talkRequests} act={act} />
          <People id={id} members={details.members} />
          {state.isHost && <HostTools id={id} room={one.room} details={details} act={act} />}
          <Break until={state.breakUntil} act={act} />
          <Filters filters={details.filters} act={act} />
          <HostLogView log={details.hostLog} members={details.members} />
        </>
      )}
      {state.counts.voided > 0 && (
        <p class="muted small">{t('room.voided', { count: state.counts.voided })}</p>
      )}
      <section class="stack" aria-label={t('details.ends')}>
        {isIn ? (
          <Confirm
            label={t('leaveTalk.title')}
            words={`${t('leaveRoom.words')}${state.isHost ? ` ${t('leaveRoom.asHost')}` : ''}`}
            yes={t('leaveTalk.title')}
            run={over(() => backend().leave(id))}
          />
        ) : (
          <Confirm
            label={t('delete.title')}
            words={t('delete.words')}
            yes={t('delete.title')}
            run={over(() => backend().remove(id))}
          />
        )}
      </section>
    </Screen>
  );
}

type Act = (deed: RoomDeed) => Promise<void>;

function Requests(props: {
  readonly id: string;
  readonly requests: readonly TalkRequest[];
  readonly act: Act;
}) {
  if (props.requests.length === 0) return null;
  return (
    <section class="card" aria-labelledby="requests">
      <h2 id="requests">{t('requests.title')}</h2>
      <ul class="stack">
        {props.requests.map((request) => (
          <li class="stack" key={request.id}>
            <p dir="auto">
              <strong>{request.name === '' ? t('room.someone') : request.name}</strong>
              {request.words === '' ? '' : `: ${request.words}`}
            </p>
            <div class="row">
              <Action
                class="main"
                run={() => props.act({ deed: 'answer-talk', request: request.id, accept: true })}
              >
                {t('requests.yes')}
              </Action>
              <Action run={() => props.act({ deed: 'answer-talk', request: request.id, accept: false })}>
                {t('requests.no')}
              </Action>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Hosts first, then me, then the others by name. */
function inOrder(members: readonly Member[]): readonly Member[] {
  const rank = (member: Member) => (member.isHost ? 0 : 2) - Number(member.isMe);
  return [...members].sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}

export function marksOf(member: Member): string {
  const marks = [
    ...(member.isMe ? [t('people.you')] : []),
    ...(member.isHost ? [t('room.hostMark')] : []),
    ...(member.isNew ? [t('room.newMark')] : []),
    ...(member.isMuted ? [t('people.muted')] : []),
    ...(member.hidden === 'muted' ? [t('people.hiddenMuted')] : []),
    ...(member.hidden === 'blocked' ? [t('people.hiddenBlocked')] : []),
  ];
  return marks.join(' · ');
}

function People({ id, members }: { readonly id: string; readonly members: readonly Member[] }) {
  return (
    <section class="stack" aria-labelledby="people">
      <h2 id="people">{t('people.title')}</h2>
      <ul class="card items">
        {inOrder(members).map((member) => (
          <li key={member.id}>
            <button
              type="button"
              class="item"
              disabled={member.isMe}
              onClick={() => go({ at: 'person', id, member: member.id })}
            >
              <Picture seed={member.pictureSeed} size={36} />
              <span class="grow">
                <span dir="auto">{member.name === '' ? t('room.someone') : member.name}</span>
                {marksOf(member) !== '' && <span class="muted small"> {marksOf(member)}</span>}
              </span>
              {!member.isMe && <Icon name="next" />}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Break({ until, act }: { readonly until: number | undefined; readonly act: Act }) {
  const isOn = until !== undefined && until > Date.now();
  return (
    <section class="card" aria-labelledby="break">
      <h2 id="break">{t('break.title')}</h2>
      <p>{isOn ? t('break.until', { time: fullTime(until) }) : t('break.words')}</p>
      <div class="row">
        {isOn ? (
          <Action run={() => act({ deed: 'break', minutes: 0 })}>{t('break.end')}</Action>
        ) : (
          <>
            <Action run={() => act({ deed: 'break', minutes: 60 })}>{t('break.hour')}</Action>
            <Action run={() => act({ deed: 'break', minutes: 1_440 })}>{t('break.day')}</Action>
          </>
        )}
      </div>
    </section>
  );
}

function Filters({ filters, act }: { readonly filters: RoomFilters; readonly act: Act }) {
  const [words, setWords] = useState(filters.words.join(', '));
  const [hideLinks, setHideLinks] = useState(filters.hideLinks);
  const [kept, setKept] = useState(false);
  const field = useId();
  const keep = async () => {
    const wanted = words
      .split(/[,،、,\n]/)
      .map((word) => word.trim())
      .filter((word) => word !== '');
    await act({ deed: 'filter', words: [...new Set(wanted)], hideLinks });
    setKept(true);
  };
  return (
    <details class="card">
      <summary>{t('filters.title')}</summary>
      <div class="stack loose">
        <div class="field">
          <label for={field}>{t('filters.words')}</label>
          <input
            id={field}
            class="input"
            dir="auto"
            autocomplete="off"
            value={words}
            onInput={(event) => {
              setKept(false);
              setWords(event.currentTarget.value);
            }}
          />
          <p class="muted small">{t('filters.wordsHelp')}</p>
        </div>
        <label class="choice">
          <input
            type="checkbox"
            checked={hideLinks}
            onChange={(event) => {
              setKept(false);
              setHideLinks(event.currentTarget.checked);
            }}
          />
          <span>{t('filters.links')}</span>
        </label>
        <Action run={keep}>{t('filters.save')}</Action>
        {kept && <p role="status">{t('filters.saved')}</p>}
      </div>
    </details>
  );
}

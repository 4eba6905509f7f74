// Topics, the rooms that live in each, and what one can do where none fits: ask for a small circle, use a link, open a
// room.

import type { Directory, DirectoryTopic, Intent, ListedRoom } from '@sotto/client';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Action } from '../components/action.tsx';
import { Icon } from '../components/icon.tsx';
import { Screen } from '../components/screen.tsx';
import { backend, persona } from '../state/app.ts';
import { codeOf } from '../state/errors.ts';
import { go, goFromTop } from '../state/place.ts';
import { ago } from '../i18n/dates.ts';
import { locale, t } from '../i18n/translate.ts';
import { languageName } from './card-facts.tsx';
import { topicName } from './topic-names.ts';

type Found = Directory | 'none' | 'loading' | 'unreachable';

export function Topics({ topic }: { readonly topic?: string }) {
  const [found, setFound] = useState<Found>('loading');
  const me = persona.value?.id;
  const load = () => {
    if (me === undefined) return;
    setFound('loading');
    backend()
      .directory(me)
      .then(
        (directory) => setFound(directory ?? 'none'),
        () => setFound('unreachable'),
      );
  };
  useEffect(load, [me]);
  const chosen =
    typeof found === 'object' && topic !== undefined
      ? found.topics.find(({ id }) => id === topic)
      : undefined;
  if (typeof found === 'object' && topic !== undefined) {
    return (
      // Another screen, though the same place: its heading takes the focus anew.
      <Screen key={topic} title={topicName(topic, chosen?.title)}>
        <TopicRooms topic={topic} found={chosen} hasCircles={found.hasCircles} />
      </Screen>
    );
  }
  return (
    <Screen key="" title={t('rooms.title')}>
      <p>{t('rooms.words')}</p>
      {found === 'loading' && (
        <p class="muted" role="status">
          {t('loading')}
        </p>
      )}
      {found === 'none' && <p class="muted">{t('rooms.none')}</p>}
      {found === 'unreachable' && (
        <div class="card" role="status">
          <p>{t('rooms.unreachable')}</p>
          <button type="button" class="button" onClick={load}>
            {t('tryAgain')}
          </button>
        </div>
      )}
      {typeof found === 'object' && <TopicList directory={found} />}
      <OtherWays />
    </Screen>
  );
}

function TopicList({ directory }: { readonly directory: Directory }) {
  // Those with somebody there first; whoever seeks another topic still finds it.
  const inOrder = [...directory.topics].sort(
    (a, b) => Number(b.rooms.length > 0) - Number(a.rooms.length > 0),
  );
  return (
    <>
      <ul class="card items">
        {inOrder.map(({ id, title, rooms }) => (
          <li key={id}>
            <button type="button" class="item" onClick={() => go({ at: 'topics', topic: id })}>
              <span class="grow">
                <span dir="auto">{topicName(id, title)}</span>
                <br />
                <span class="muted small">{t('rooms.count', { count: rooms.length })}</span>
              </span>
              <Icon name="next" />
            </button>
          </li>
        ))}
      </ul>
      {directory.keeper !== '' && (
        <p class="muted small" dir="auto">
          {t('rooms.keeper', { name: directory.keeper })}
        </p>
      )}
    </>
  );
}

interface TopicRoomsProps {
  readonly topic: string;
  readonly found: DirectoryTopic | undefined;
  readonly hasCircles: boolean;
}

function TopicRooms({ topic, found, hasCircles }: TopicRoomsProps) {
  const rooms = found?.rooms ?? [];
  const suggested = found?.suggested?.link;
  const inOrder = [...rooms].sort((a, b) => Number(b.link === suggested) - Number(a.link === suggested));
  return (
    <>
      <button type="button" class="button quiet start" onClick={() => go({ at: 'topics' })}>
        {t('rooms.back')}
      </button>
      {rooms.length === 0 && <p>{t('rooms.emptyTopic')}</p>}
      <ul class="stack">
        {inOrder.map((room) => (
          <li key={room.link}>
            <Listed room={room} suggested={room.link === suggested} />
          </li>
        ))}
      </ul>
      {hasCircles && <Circle topic={topic} />}
      <OtherWays topic={topic} />
    </>
  );
}

function Listed({ room, suggested }: { readonly room: ListedRoom; readonly suggested: boolean }) {
  const { card } = room;
  return (
    <button type="button" class="card room-listed" onClick={() => go({ at: 'entry', link: room.link })}>
      <span class="talk-line">
        <strong class="grow" dir="auto">
          {card.title}
        </strong>
        {suggested && <span class="new-mark">{t('rooms.suggested')}</span>}
      </span>
      {card.focus !== '' && <span dir="auto">{card.focus}</span>}
      <span class="muted small">
        {room.memberCount === 0
          ? t('card.upTo', { places: card.places })
          : t('card.places', { count: room.memberCount, places: card.places })}{' '}
        · {t(`door.${room.door}`)} · {languageName(card.language)} ·{' '}
        {t('rooms.seen', { time: ago(room.seenAt) })}
      </span>
    </button>
  );
}

const ASK_AGAIN_MS = 15_000;
const INTENTS: readonly Intent[] = ['vent', 'advice', 'company'];

function Circle({ topic }: { readonly topic: string }) {
  const [intent, setIntent] = useState<Intent>('vent');
  const me = persona.value?.id ?? '';
  const waits = useRef(true);
  useEffect(() => () => void (waits.current = false), []);
  const isHere = () => waits.current;
  // First come, first served: asked again until there is a place, while this screen is open.
  const ask = async () => {
    while (isHere()) {
      try {
        const room = await backend().joinCircle(me, { topic, language: locale(), intent });
        if (isHere()) goFromTop({ at: 'conversation', id: room.id });
        return;
      } catch (error) {
        if (codeOf(error) !== 'CIRCLE_NONE') throw error;
        await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
      }
    }
  };
  return (
    <section class="card" aria-labelledby="circle">
      <h2 id="circle">{t('circle.title')}</h2>
      <p>{t('circle.words')}</p>
      <fieldset class="plain">
        <legend>{t('circle.want')}</legend>
        {INTENTS.map((one) => (
          <label class="choice" key={one}>
            <input type="radio" name="intent" checked={one === intent} onChange={() => setIntent(one)} />
            <span>{t(`circle.${one}`)}</span>
          </label>
        ))}
      </fieldset>
      <Action run={ask} busyWords={t('circle.waiting')}>
        {t('circle.ask')}
      </Action>
    </section>
  );
}

function OtherWays({ topic }: { readonly topic?: string }) {
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState(false);
  const link = useId();
  return (
    <>
      <form
        class="card"
        onSubmit={(event) => {
          event.preventDefault();
          const pasted = text.trim();
          if (/^https?:\/\/[^\s#]+#[\w-]{40,}$/.test(pasted)) go({ at: 'entry', link: pasted });
          else setWrong(true);
        }}
      >
        <label for={link}>{t('rooms.haveLink')}</label>
        <input
          id={link}
          class="input"
          type="text"
          inputMode="url"
          dir="ltr"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          value={text}
          onInput={(event) => {
            setWrong(false);
            setText(event.currentTarget.value);
          }}
        />
        {wrong && <p role="alert">{t('error.roomGone')}</p>}
        <button type="submit" class="button" disabled={text.trim() === ''}>
          {t('accept.look')}
        </button>
      </form>
      <button
        type="button"
        class="button"
        onClick={() => go({ at: 'new-room', ...(topic === undefined ? {} : { topic }) })}
      >
        {t('rooms.open')}
      </button>
    </>
  );
}

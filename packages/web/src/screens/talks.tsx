// The list of conversations of one persona, with search. On a desktop it stays beside whatever is open.

import { useEffect, useState } from 'preact/hooks';
import type { ConversationView, MessageView } from '../backend/backend.ts';
import { excerptWords } from '../components/excerpt.ts';
import { Icon } from '../components/icon.tsx';
import { Picture } from '../components/picture.tsx';
import { backend, conversations, myConversations, persona, personas } from '../state/app.ts';
import { go, goFromTop, here } from '../state/place.ts';
import { fullTime, stamp } from '../i18n/dates.ts';
import { t } from '../i18n/translate.ts';

const SEARCH_AFTER_MS = 250;
/** One conversation may be long; without any there is nothing to find. */
const SEARCH_FROM = 1;

export function Talks() {
  const [wanted, setWanted] = useState('');
  const me = persona.value;
  const all = myConversations.value;
  const shown =
    wanted === '' ? all : all.filter(({ name }) => name.toLowerCase().includes(wanted.toLowerCase()));
  return (
    <>
      <h1 class="unseen" tabIndex={-1}>
        {t('talks.title')}
      </h1>
      <div class="head">
        <div class="grow">
          <button type="button" class="header-button" onClick={() => go({ at: 'personas' })}>
            {me !== undefined && <Picture seed={me.pictureSeed} size={36} />}
            <span class="grow">
              <span class="unseen">{t('talks.youAre')} </span>
              <span class="name">{me?.name}</span>
              {personas.value.length > 1 && <span class="muted small"> {t('talks.change')}</span>}
            </span>
          </button>
        </div>
        <button
          type="button"
          class="button icon"
          aria-label={t('connect.title')}
          onClick={() => go({ at: 'connect' })}
        >
          <Icon name="plus" />
        </button>
        <button
          type="button"
          class="button icon"
          aria-label={t('settings.title')}
          onClick={() => go({ at: 'settings' })}
        >
          <Icon name="settings" />
        </button>
      </div>
      {(all.length >= SEARCH_FROM || wanted !== '') && (
        <div class="search">
          <input
            class="input"
            type="search"
            value={wanted}
            placeholder={t('talks.search')}
            aria-label={t('talks.search')}
            onInput={(event) => setWanted(event.currentTarget.value)}
          />
        </div>
      )}
      <div class="scroll" tabIndex={shown.length === 0 ? undefined : -1}>
        {all.length === 0 ? (
          <div class="empty empty-list">
            <p>{t('talks.empty')}</p>
            <button type="button" class="button main" onClick={() => go({ at: 'connect' })}>
              {t('welcome.begin')}
            </button>
            <button type="button" class="button" onClick={() => go({ at: 'topics' })}>
              {t('welcome.rooms')}
            </button>
          </div>
        ) : (
          <ul class="items">
            {shown.map((one) => (
              <li key={one.id}>
                <Talk one={one} />
              </li>
            ))}
          </ul>
        )}
        {wanted.length > 1 && <Found wanted={wanted} none={shown.length === 0} />}
      </div>
    </>
  );
}

function excerptOf(one: ConversationView): string {
  const words = one.draft === '' ? excerptWords(one) : t('talks.draft', { text: one.draft });
  if (one.room !== undefined && one.state === 'open') return words;
  switch (one.state) {
    case 'securing':
    case 'waiting-for-answer':
      return words === '' ? t('talks.waiting') : words;
    case 'peer-retired':
      return t('talks.retired');
    case 'blocked':
      return t('talks.blocked');
    case 'refused':
      return t('talks.refused');
    case 'peer-left':
      return t('talks.peerLeft');
    case 'left':
      return t('talks.left');
    case 'open':
      return words;
  }
}

/** Somebody on a break from a room sees nothing of it as new. */
function isResting({ room }: ConversationView): boolean {
  return (room?.state.breakUntil ?? 0) > Date.now();
}

function Talk({ one }: { one: ConversationView }) {
  const place = here.value;
  const current = 'id' in place && place.id === one.id;
  return (
    <button
      type="button"
      class="item"
      aria-current={current ? 'true' : undefined}
      onClick={() => goFromTop({ at: 'conversation', id: one.id })}
    >
      <Picture seed={one.pictureSeed} />
      <span class="grow">
        <span class="talk-line">
          <span class="grow name" dir="auto">
            {one.name}
          </span>
          <time class="muted small" dateTime={new Date(one.at).toISOString()} title={fullTime(one.at)}>
            {stamp(one.at)}
          </time>
        </span>
        <span class="talk-line">
          <span class="grow excerpt" dir="auto">
            {excerptOf(one)}
          </span>
          {one.room?.mentioned === true && <span class="new-mark">{t('room.mentioned')}</span>}
          {one.unread > 0 && !isResting(one) && <span class="new-mark">{t('talks.new')}</span>}
        </span>
      </span>
    </button>
  );
}

/** Messages that hold the words looked for; the search runs in the worker. */
function Found({ wanted, none }: { wanted: string; none: boolean }) {
  const [found, setFound] =
    useState<readonly { readonly conversation: string; readonly message: MessageView }[]>();
  useEffect(() => {
    let over = false;
    const timer = setTimeout(() => {
      backend()
        .search(wanted)
        .then((results) => {
          if (!over) setFound(results);
        })
        .catch(() => undefined);
    }, SEARCH_AFTER_MS);
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [wanted]);
  const mine = new Map(myConversations.value.map((one) => [one.id, one]));
  const shown = (found ?? []).filter(({ conversation }) => mine.has(conversation)).slice(0, 50);
  if (found !== undefined && shown.length === 0) {
    return none ? <p class="empty">{t('talks.nothingFound')}</p> : null;
  }
  if (shown.length === 0 || conversations.value.length === 0) return null;
  return (
    <section aria-label={t('talks.inMessages')}>
      <h2 class="column small muted">{t('talks.inMessages')}</h2>
      <ul class="items">
        {shown.map(({ conversation, message }) => (
          <li key={message.id}>
            <button
              type="button"
              class="item"
              onClick={() => goFromTop({ at: 'conversation', id: conversation, message: message.id })}
            >
              <span class="grow">
                <span class="talk-line">
                  <span class="grow name" dir="auto">
                    {mine.get(conversation)?.name}
                  </span>
                  <span class="muted small">{stamp(message.at)}</span>
                </span>
                <span class="talk-line">
                  <span class="grow excerpt" dir="auto">
                    {message.warning ?? message.text}
                  </span>
                </span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

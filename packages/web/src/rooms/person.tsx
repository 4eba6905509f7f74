// One member of a room: what I want to see of them, a private talk if both want it, and what a host can do.

import { useState } from 'preact/hooks';
import type { Member } from '@sotto/client';
import type { HostDeed, RoomDeed } from '../backend/rooms.ts';
import { Action } from '../components/action.tsx';
import { Confirm } from '../components/confirm.tsx';
import { Picture } from '../components/picture.tsx';
import { Screen } from '../components/screen.tsx';
import { backend, conversations } from '../state/app.ts';
import { t, type MessageKey } from '../i18n/translate.ts';
import { marksOf, useRoomDetails } from './about.tsx';

export function Person({ id, member }: { readonly id: string; readonly member: string }) {
  const details = useRoomDetails(id);
  const room = conversations.value.find((candidate) => candidate.id === id)?.room;
  const found = details?.members.find((candidate) => candidate.id === member);
  if (details === undefined || room === undefined) {
    return (
      <p class="column muted" role="status">
        {t('loading')}
      </p>
    );
  }
  if (found === undefined) {
    return (
      <Screen title={t('people.title')}>
        <p role="status">{t('person.gone')}</p>
      </Screen>
    );
  }
  const name = found.name === '' ? t('room.someone') : found.name;
  const act = (deed: RoomDeed) => backend().roomDeed(id, deed);
  return (
    <Screen title={t('person.title', { name })}>
      <div class="welcome-self">
        <Picture seed={found.pictureSeed} size={72} label={t('picture', { name })} />
        <p class="grow">
          <strong dir="auto">{name}</strong>
          <br />
          <span class="muted small">{marksOf(found)}</span>
        </p>
      </div>
      <ForMe found={found} act={act} />
      <Talk found={found} act={act} />
      {room.state.isHost && <ForHosts found={found} name={name} act={act} />}
    </Screen>
  );
}

type Act = (deed: RoomDeed) => Promise<void>;

function ForMe({ found, act }: { readonly found: Member; readonly act: Act }) {
  const hide = (how: Member['hidden']) => () => act({ deed: 'hide', member: found.id, how });
  return (
    <section class="card" aria-labelledby="for-me">
      <h2 id="for-me">{t('person.hide')}</h2>
      <p class="muted small">{t('person.hideWords')}</p>
      {found.hidden === 'no' ? (
        <div class="row">
          <Action run={hide('muted')}>{t('person.quiet')}</Action>
          <Action run={hide('blocked')}>{t('person.block')}</Action>
        </div>
      ) : (
        <Action run={hide('no')}>{t('person.show')}</Action>
      )}
    </section>
  );
}

function Talk({ found, act }: { readonly found: Member; readonly act: Act }) {
  const [words, setWords] = useState('');
  const [asked, setAsked] = useState(false);
  const ask = async () => {
    await act({ deed: 'ask-to-talk', member: found.id, words: words.trim() });
    setAsked(true);
  };
  return (
    <section class="card" aria-labelledby="talk-private">
      <h2 id="talk-private">{t('person.talk')}</h2>
      <p>{t('person.talkWords')}</p>
      {asked ? (
        <p role="status">{t('person.talkAsked')}</p>
      ) : (
        <>
          <input
            class="input"
            dir="auto"
            maxLength={200}
            aria-label={t('person.talkPlaceholder')}
            placeholder={t('person.talkPlaceholder')}
            value={words}
            onInput={(event) => setWords(event.currentTarget.value)}
          />
          <Action run={ask}>{t('person.talkAsk')}</Action>
        </>
      )}
    </section>
  );
}

/** Each deed, what it is called, and what it means where it can't be undone by the next tap. */
const DEEDS: readonly {
  readonly deed: HostDeed;
  readonly label: MessageKey;
  readonly words: MessageKey;
  readonly fits: (member: Member) => boolean;
}[] = [
  { deed: 'mute', label: 'host.mute', words: 'host.muteWords', fits: (one) => !one.isMuted && !one.isHost },
  {
    deed: 'remove-everything',
    label: 'host.removeEverything',
    words: 'host.removeEverythingWords',
    fits: () => true,
  },
  { deed: 'remove', label: 'host.remove', words: 'host.removeWords', fits: (one) => !one.isHost },
  { deed: 'ban', label: 'host.ban', words: 'host.banWords', fits: (one) => !one.isHost },
  { deed: 'add-host', label: 'host.addHost', words: 'host.addHostWords', fits: (one) => !one.isHost },
  { deed: 'remove-host', label: 'host.removeHost', words: 'host.removeHostWords', fits: (one) => one.isHost },
  { deed: 'hand-over', label: 'host.handOver', words: 'host.handOverWords', fits: () => true },
];

function ForHosts({
  found,
  name,
  act,
}: {
  readonly found: Member;
  readonly name: string;
  readonly act: Act;
}) {
  return (
    <section class="stack" aria-labelledby="for-hosts">
      <h2 id="for-hosts">{t('host.title')}</h2>
      {found.isMuted && (
        <Action run={() => act({ deed: 'unmute', member: found.id })}>{t('host.unmute')}</Action>
      )}
      {DEEDS.filter(({ fits }) => fits(found)).map(({ deed, label, words }) => (
        <Confirm
          key={deed}
          label={t(label)}
          words={t(words, { name })}
          yes={t(label)}
          run={() => act({ deed, member: found.id })}
        />
      ))}
    </section>
  );
}

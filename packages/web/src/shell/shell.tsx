// The frame of everything: the bar with Help and the way out on every screen, one or more panes, notices. It picks the
// screen from where the person stands (boot) and where they went (place).

import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { boot, conversations } from '../state/app.ts';
import { go, here, type Place } from '../state/place.ts';
import { t } from '../i18n/translate.ts';
import { Conversation } from '../screens/conversation.tsx';
import { Locked } from '../screens/locked.tsx';
import { Talks } from '../screens/talks.tsx';
import { Welcome } from '../screens/welcome.tsx';
import { Bar } from './bar.tsx';
import { LiveRegion } from './live-region.tsx';
import { Notices } from './notices.tsx';
import * as parts from './parts.ts';
import * as rooms from './room-parts.ts';

/** These stand beside the conversation that they are about, where there is room. */
const BESIDE: ReadonlySet<Place['at']> = new Set(['details', 'compare', 'room', 'person']);

export function Shell() {
  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      if (event.key !== 'F1') return;
      event.preventDefault();
      go({ at: 'help' });
    };
    addEventListener('keydown', key);
    return () => removeEventListener('keydown', key);
  }, []);
  const state = boot.value.state;
  const open = state === 'open';
  const place = here.value;
  const beside = open && BESIDE.has(place.at) && 'id' in place ? place : undefined;
  return (
    <div class={`shell${open ? ' two' : ''}${beside === undefined ? '' : ' three'}`}>
      <Bar />
      <main class="panes">
        {open && (
          <nav class={`pane pane-list${place.at === 'talks' ? ' alone' : ''}`} aria-label={t('talks.title')}>
            <Talks />
          </nav>
        )}
        {beside !== undefined && (
          <div class="pane pane-beside">
            <Conversation key={`beside-${beside.id}`} id={beside.id} beside />
          </div>
        )}
        <MainPane narrowHidden={open && place.at === 'talks'}>
          <Here place={place} />
        </MainPane>
        {(!open || place.at !== 'conversation') && <Notices />}
      </main>
      <LiveRegion />
    </div>
  );
}

function MainPane({ narrowHidden, children }: { narrowHidden: boolean; children: ComponentChildren }) {
  return <div class={`pane pane-main${narrowHidden ? ' wide-only' : ''}`}>{children}</div>;
}

/** These are reachable wherever a person stands, locked out or before the beginning too. */
function always(place: Place) {
  switch (place.at) {
    case 'help':
      return <parts.help.View />;
    case 'breathe':
      return <parts.breathe.View />;
    case 'leaving':
      return <parts.leaving.View />;
    case 'appearance':
      return <parts.appearance.View />;
    case 'erase':
      return <parts.erase.View />;
    case 'restore':
      return <parts.restore.View />;
    default:
      return undefined;
  }
}

function Here({ place }: { place: Place }) {
  const anywhere = always(place);
  if (anywhere !== undefined) return anywhere;
  const standing = boot.value;
  switch (standing.state) {
    case 'loading':
      return <Loading />;
    case 'fresh':
      return <Welcome />;
    case 'locked':
      return <Locked method={standing.method} />;
    case 'open':
      return <Opened place={place} />;
    default:
      return <parts.stopped.View boot={standing} />;
  }
}

function Opened({ place }: { place: Place }) {
  switch (place.at) {
    case 'conversation':
      return (
        <Conversation
          key={place.id}
          id={place.id}
          {...(place.message === undefined ? {} : { message: place.message })}
        />
      );
    case 'details':
      return <parts.details.View key={place.id} id={place.id} />;
    case 'compare':
      return <parts.compare.View key={place.id} id={place.id} />;
    case 'connect':
      return <parts.connect.View />;
    case 'invite':
      return <parts.invite.View />;
    case 'accept':
      return (
        <parts.accept.View
          key={place.link}
          link={place.link}
          {...(place.wrong === undefined ? {} : { wrong: place.wrong })}
        />
      );
    case 'topics':
      return <rooms.topics.View {...(place.topic === undefined ? {} : { topic: place.topic })} />;
    case 'entry':
      return <rooms.entry.View key={place.link} link={place.link} />;
    case 'new-room':
      return <rooms.newRoom.View {...(place.topic === undefined ? {} : { topic: place.topic })} />;
    case 'room':
      return <rooms.room.View key={place.id} id={place.id} />;
    case 'person':
      return <rooms.person.View key={place.member} id={place.id} member={place.member} />;
    case 'settings':
      return <parts.settings.View />;
    case 'personas':
      return <parts.personas.View />;
    case 'protect':
      return <parts.protect.View />;
    case 'copy':
      return <parts.copy.View />;
    case 'relay':
      return <parts.relay.View />;
    default:
      return (
        <p class="empty">{conversations.value.length === 0 ? t('talks.beginHere') : t('talks.chooseOne')}</p>
      );
  }
}

function Loading() {
  return (
    <div class="skeleton" role="status" aria-label={t('loading')}>
      <span />
      <span />
      <span />
    </div>
  );
}

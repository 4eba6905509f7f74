// What isn't right just now, one notice at a time, the gravest first: what happened, what it means, what to do. It comes
// whenever it likes, so it stands where it moves nothing that somebody may be about to press: below a screen, whose
// content hangs from its top, and in a conversation, whose messages stand on the composer, between its head and them.

import { computed } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { boot, connection, promise, trouble } from '../state/app.ts';
import { failure } from '../state/attempt.ts';
import { locale, t, type MessageKey } from '../i18n/translate.ts';
import { arrivedInvite } from '../state/invite-link.ts';
import { go, here, placeOfLink } from '../state/place.ts';
import { preferences, setPreferences } from '../state/preferences.ts';
import { laterUpdate, takeUpdate, update } from '../state/update.ts';

const SKEW_SHOWN_MS = 5 * 60_000;

export function Notices() {
  const notice = newestNotice();
  // An empty landmark is only noise to whoever goes from one to the next.
  const landmark = notice === null ? {} : ({ role: 'region', 'aria-label': t('notices') } as const);
  return (
    <div class="notices" {...landmark}>
      {notice}
    </div>
  );
}

function newestNotice(): ComponentChildren {
  if (boot.value.state === 'open') {
    if (arrivedInvite.value !== undefined) return <Invited link={arrivedInvite.value} />;
    if (failure.value !== undefined) return <Failed words={failure.value} />;
    // Help is never pushed down by what can wait.
    if (here.value.at === 'help') return null;
    const canWait = preferences.value.copyAdvised || here.value.at !== 'talks';
    const isKnown = trouble.value === 'not-persistent' && canWait;
    if (trouble.value !== undefined && !isKnown) return <Trouble kind={trouble.value} />;
    if (connection.value.state === 'refused')
      return <Words name={connection.value.code === 'PERSONA_MOVED' ? 'notice.moved' : 'notice.refused'} />;
    if (isBroken.value && here.value.at !== 'relay') return <BrokenPromise />;
    if (Math.abs(connection.value.clockSkewMs ?? 0) > SKEW_SHOWN_MS) return <Words name="notice.skew" />;
    if (connection.value.state === 'offline') return <Words name="notice.offline" />;
  }
  if (update.value !== undefined) return <NewVersion />;
  return null;
}

/** The relay does otherwise than it published. */
const isBroken = computed(() => (promise.value?.mismatches.length ?? 0) > 0);

function BrokenPromise() {
  return (
    <div class="notice" role="status">
      <p>{t('notice.promise')}</p>
      <div class="row">
        <button type="button" class="button" onClick={() => go({ at: 'relay' })}>
          {t('relay.title')}
        </button>
      </div>
    </div>
  );
}

function Failed({ words }: { words: string }) {
  return (
    <div class="notice" role="status">
      <p>{words}</p>
      <div class="row">
        <button type="button" class="button quiet" onClick={() => (failure.value = undefined)}>
          {t('understood')}
        </button>
      </div>
    </div>
  );
}

function Words({ name }: { name: MessageKey }) {
  return (
    <div class="notice" role="status">
      <p>{t(name)}</p>
    </div>
  );
}

function Trouble({ kind }: { kind: NonNullable<typeof trouble.value> }) {
  const words = {
    'disk-full': 'notice.full',
    'relay-store-lost': 'notice.relayLost',
    'not-persistent': 'notice.notPersistent',
    other: 'notice.other',
  } as const;
  const understood = () => {
    // Said once: a browser that may forget does so for ever, and a notice that comes back is no longer read.
    if (kind === 'not-persistent') setPreferences({ copyAdvised: true });
    trouble.value = undefined;
  };
  return (
    <div class="notice" role="status">
      <p>{t(words[kind])}</p>
      <div class="row">
        {kind === 'not-persistent' && (
          <button type="button" class="button" onClick={() => go({ at: 'copy' })}>
            {t('copy.title')}
          </button>
        )}
        <button type="button" class="button quiet" onClick={understood}>
          {t('understood')}
        </button>
      </div>
    </div>
  );
}

function Invited({ link }: { link: string }) {
  const look = () => {
    arrivedInvite.value = undefined;
    go(placeOfLink(link));
  };
  return (
    <div class="notice" role="status">
      <p>{t('accept.arrived')}</p>
      <div class="row">
        <button type="button" class="button main" onClick={look}>
          {t('accept.look')}
        </button>
        <button type="button" class="button quiet" onClick={() => (arrivedInvite.value = undefined)}>
          {t('notNow')}
        </button>
      </div>
    </div>
  );
}

function NewVersion() {
  const notes = update.value?.notes[locale()] ?? update.value?.notes['en'] ?? '';
  return (
    <div class="notice" role="status">
      <p>
        {t('update.ready')} {notes}
      </p>
      <div class="row">
        <button type="button" class="button main" onClick={takeUpdate}>
          {t('update.take')}
        </button>
        <button type="button" class="button quiet" onClick={laterUpdate}>
          {t('notNow')}
        </button>
      </div>
    </div>
  );
}

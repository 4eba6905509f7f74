// Three ways to talk: make an invite, use one that came by link or code, or look for a room.

import { useState } from 'preact/hooks';
import { lazy } from '../components/lazy.tsx';
import { Screen } from '../components/screen.tsx';
import type { Scanned } from '../components/scanner.tsx';
import { go, placeOfLink } from '../state/place.ts';
import { t } from '../i18n/translate.ts';

const scanner = lazy<{ onFound: (found: Scanned) => void }>(
  async () => (await import('../components/scanner.tsx')).Scanner,
);

export function Connect() {
  const [text, setText] = useState('');
  const [scanning, setScanning] = useState(false);
  const [wrong, setWrong] = useState(false);
  const use = (candidate: string) => {
    const link = candidate.trim();
    if (/^https?:\/\/[^\s#]+#[\w-]{40,}$/.test(link)) go(placeOfLink(link));
    else setWrong(true);
  };
  return (
    <Screen title={t('connect.title')}>
      <section class="card" aria-labelledby="make">
        <h2 id="make">{t('connect.make')}</h2>
        <p>{t('connect.makeWords')}</p>
        <button type="button" class="button main" onClick={() => go({ at: 'invite' })}>
          {t('connect.makeButton')}
        </button>
      </section>
      <section class="card" aria-labelledby="have">
        <h2 id="have">{t('connect.have')}</h2>
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault();
            use(text);
          }}
        >
          <label for="link">{t('connect.paste')}</label>
          <input
            id="link"
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
          {wrong && <p role="alert">{t('error.inviteBroken')}</p>}
          <button type="submit" class="button" disabled={text.trim() === ''}>
            {t('accept.look')}
          </button>
        </form>
        {scanning ? (
          <scanner.View onFound={({ text: found }) => use(found)} />
        ) : (
          <button type="button" class="button" onClick={() => setScanning(true)}>
            {t('connect.scan')}
          </button>
        )}
      </section>
      <section class="card" aria-labelledby="rooms">
        <h2 id="rooms">{t('welcome.rooms')}</h2>
        <p>{t('connect.rooms')}</p>
        <button type="button" class="button" onClick={() => go({ at: 'topics' })}>
          {t('welcome.rooms')}
        </button>
      </section>
    </Screen>
  );
}

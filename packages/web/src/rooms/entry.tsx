// Before one goes into a room: its card, its rules, under which name. Nothing is sent to anyone until the button.

import type { RoomPreview } from '@sotto/client';
import { useEffect, useId, useState } from 'preact/hooks';
import { Action } from '../components/action.tsx';
import { Picture } from '../components/picture.tsx';
import { Screen } from '../components/screen.tsx';
import { backend, persona, personas } from '../state/app.ts';
import { wordsFor } from '../state/errors.ts';
import { newSelf } from '../state/new-self.ts';
import { goBack, goFromTop } from '../state/place.ts';
import { setPreferences } from '../state/preferences.ts';
import { t } from '../i18n/translate.ts';
import { CardFacts, CardRules } from './card-facts.tsx';

export function Entry({ link }: { readonly link: string }) {
  const [preview, setPreview] = useState<RoomPreview>();
  const [wrong, setWrong] = useState('');
  const me = persona.value?.id;
  const look = () => {
    if (me === undefined) return;
    setWrong('');
    backend()
      .lookAtRoom(me, link)
      .then(setPreview, (error: unknown) => setWrong(wordsFor(error)));
  };
  useEffect(look, [link, me]);
  if (preview === undefined) {
    return (
      <Screen title={t('entry.title')}>
        {wrong === '' ? (
          <p class="muted" role="status">
            {t('loading')}
          </p>
        ) : (
          <>
            <p role="alert">{wrong}</p>
            <button type="button" class="button" onClick={look}>
              {t('tryAgain')}
            </button>
          </>
        )}
      </Screen>
    );
  }
  return (
    <Screen title={preview.card.title}>
      <CardFacts card={preview.card} door={preview.door} memberCount={preview.memberCount} />
      <section class="card" aria-labelledby="rules">
        <h2 id="rules">{t('card.rules')}</h2>
        <CardRules card={preview.card} />
      </section>
      <WayIn link={link} preview={preview} />
      <button type="button" class="button quiet" onClick={goBack}>
        {t('notNow')}
      </button>
    </Screen>
  );
}

function WayIn({ link, preview }: { readonly link: string; readonly preview: RoomPreview }) {
  const [as, setAs] = useState<string>();
  const [accepted, setAccepted] = useState(false);
  const [words, setWords] = useState('');
  const field = useId();
  const active = personas.value.filter(({ retired }) => !retired);
  const chosen = as ?? persona.value?.id;
  const { room, door } = preview;
  if (room !== undefined) {
    return (
      <div class="card">
        <p>{t('entry.already')}</p>
        <button type="button" class="button main" onClick={() => goFromTop({ at: 'conversation', id: room })}>
          {t('entry.go')}
        </button>
      </div>
    );
  }
  if (door === 'closed') return <p class="card">{t('entry.closed')}</p>;
  const enter = async () => {
    let id = chosen;
    if (id === undefined || id === '') {
      const { name, pictureSeed } = newSelf();
      id = (await backend().createPersona(name, pictureSeed)).id;
    }
    const said = words.trim();
    const joined = await backend().joinRoom(id, link, said === '' ? {} : { words: said });
    setPreferences({ persona: id });
    goFromTop({ at: 'conversation', id: joined.id });
  };
  return (
    <>
      <fieldset class="card">
        <legend class="unseen">{t('entry.as')}</legend>
        <p aria-hidden="true">{t('entry.as')}</p>
        {active.map((one) => (
          <label class="choice" key={one.id}>
            <input type="radio" name="as" checked={one.id === chosen} onChange={() => setAs(one.id)} />
            <Picture seed={one.pictureSeed} size={36} />
            <span>{one.name}</span>
          </label>
        ))}
        <label class="choice">
          <input type="radio" name="as" checked={chosen === ''} onChange={() => setAs('')} />
          <span>{t('accept.asNew')}</span>
        </label>
        <p class="muted small">{t('entry.nameHere')}</p>
      </fieldset>
      {door === 'knock' && (
        <div class="field">
          <label for={field}>{t('entry.words')}</label>
          <textarea
            id={field}
            class="textarea"
            rows={2}
            maxLength={280}
            dir="auto"
            value={words}
            onInput={(event) => setWords(event.currentTarget.value)}
          />
        </div>
      )}
      <label class="choice">
        <input
          type="checkbox"
          checked={accepted}
          onChange={(event) => setAccepted(event.currentTarget.checked)}
        />
        <span>{t('entry.accept')}</span>
      </label>
      <Action class="main" run={enter} disabled={!accepted}>
        {t(door === 'knock' ? 'entry.knock' : 'entry.enter')}
      </Action>
    </>
  );
}

// Answering an invite: as which persona, and what it means, before anything is sent.

import { useState } from 'preact/hooks';
import { Action } from '../components/action.tsx';
import { Picture } from '../components/picture.tsx';
import { Screen } from '../components/screen.tsx';
import { backend, persona, personas } from '../state/app.ts';
import { newSelf } from '../state/new-self.ts';
import { goBack, goFromTop } from '../state/place.ts';
import { setPreferences } from '../state/preferences.ts';
import { t } from '../i18n/translate.ts';

export function Accept({ link, wrong }: { link: string; wrong?: string }) {
  const [as, setAs] = useState<string>();
  const active = personas.value.filter(({ retired }) => !retired);
  const chosen = as ?? persona.value?.id;
  const answer = async () => {
    let id = chosen;
    if (id === undefined || id === '') {
      const { name, pictureSeed } = newSelf();
      id = (await backend().createPersona(name, pictureSeed)).id;
    }
    const conversation = await backend().accept(id, link);
    setPreferences({ persona: id });
    goFromTop({ at: 'conversation', id: conversation.id });
  };
  return (
    <Screen title={t('accept.title')}>
      <p>{t('accept.words')}</p>
      <fieldset class="card">
        <legend class="unseen">{t('accept.as')}</legend>
        <p aria-hidden="true">{t('accept.as')}</p>
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
      </fieldset>
      <Action class="main" run={answer} {...(wrong === undefined ? {} : { wrong })}>
        {t('accept.answer')}
      </Action>
      <button type="button" class="button quiet" onClick={goBack}>
        {t('notNow')}
      </button>
    </Screen>
  );
}

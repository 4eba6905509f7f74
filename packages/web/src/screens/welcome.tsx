// The first screen: what this is in one sentence, a name already made up, and one way in. No form, no tour.

import { useState } from 'preact/hooks';
import { Action } from '../components/action.tsx';
import { Picture } from '../components/picture.tsx';
import { FocusedHeading } from '../components/screen.tsx';
import { backend } from '../state/app.ts';
import { arrivedInvite } from '../state/invite-link.ts';
import { newSelf } from '../state/new-self.ts';
import { go, goFromTop } from '../state/place.ts';
import { t } from '../i18n/translate.ts';

export function Welcome() {
  const [self, setSelf] = useState(() => newSelf());
  const invited = arrivedInvite.value;
  const begin = async () => {
    await backend().begin(self);
    if (invited === undefined) goFromTop({ at: 'connect' });
    else {
      arrivedInvite.value = undefined;
      goFromTop({ at: 'accept', link: invited });
    }
  };
  return (
    <div class="scroll">
      <div class="column">
        <div class="stack">
          <FocusedHeading quiet>{t('welcome.title')}</FocusedHeading>
          <p class="lead">{t('welcome.lead')}</p>
        </div>
        <div class="card">
          <div class="welcome-self">
            <Picture seed={self.pictureSeed} size={72} label={t('picture', { name: self.name })} />
            <div class="grow">
              <p class="muted small">{t('welcome.you')}</p>
              <p class="persona-name" aria-live="polite">
                {self.name}
              </p>
            </div>
            <button type="button" class="button" onClick={() => setSelf(newSelf(self.name))}>
              {t('welcome.another')}
            </button>
          </div>
          <Action class="main wide" run={begin}>
            {invited === undefined ? t('welcome.begin') : t('welcome.answer')}
          </Action>
        </div>
        <ul class="stack">
          <li>{t('welcome.peers')}</li>
          <li>{t('welcome.adults')}</li>
          <li>{t('welcome.private')}</li>
        </ul>
        <div class="card">
          <p>{t('leaving.short', { button: t('leave') })}</p>
          <div class="row">
            <button type="button" class="button quiet" onClick={() => go({ at: 'leaving' })}>
              {t('leaving.more')}
            </button>
          </div>
        </div>
        <div class="row">
          <button type="button" class="button quiet" onClick={() => go({ at: 'restore' })}>
            {t('restore.have')}
          </button>
          <button type="button" class="button quiet" onClick={() => go({ at: 'appearance' })}>
            {t('appearance.title')}
          </button>
        </div>
      </div>
    </div>
  );
}

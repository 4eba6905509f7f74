// The first screen: what this is in one sentence, a name already made up, and one way in. No form, no tour.

import { useState } from 'preact/hooks';
import { Action } from '../components/action.tsx';
import { loadGuard } from '../components/personal-details.ts';
import { Picture } from '../components/picture.tsx';
import { FocusedHeading } from '../components/screen.tsx';
import { backend, firstConversation } from '../state/app.ts';
import { arrivedInvite } from '../state/invite-link.ts';
import { wordsFor } from '../state/errors.ts';
import { linkLeadsTo } from '../state/link-kind.ts';
import { newSelf } from '../state/new-self.ts';
import { go, goFromTop, type Place } from '../state/place.ts';
import { t } from '../i18n/translate.ts';

export function Welcome() {
  const [self, setSelf] = useState(() => newSelf());
  const invited = arrivedInvite.value;
  const begin = async (next: Place) => {
    const isInvite = invited !== undefined && linkLeadsTo(invited) === 'invite';
    if (isInvite) {
      backend().dialAhead(invited);
      // The first words go to someone unknown: what looks at them is here by then.
      void loadGuard();
    }
    const begun = backend().begin(self);
    // Asked for at once, so that the page needn't have drawn what comes in between.
    const accepted = isInvite ? backend().accept(undefined, invited) : undefined;
    accepted?.catch(() => undefined);
    await begun;
    if (invited === undefined) {
      goFromTop(next);
      return;
    }
    arrivedInvite.value = undefined;
    if (linkLeadsTo(invited) === 'room') {
      goFromTop({ at: 'entry', link: invited });
      return;
    }
    // As the one who was just shown: there is nobody else to answer as, and what it means stood above the button.
    try {
      if (accepted === undefined) goFromTop({ at: 'accept', link: invited });
      else {
        // It is drawn while its link is being made ours: nothing can be written there before.
        const shown = await Promise.race([firstConversation(), accepted.then(({ id }) => id)]);
        goFromTop({ at: 'conversation', id: shown });
        await accepted;
      }
    } catch (error) {
      // There it can be tried again.
      goFromTop({ at: 'accept', link: invited, wrong: wordsFor(error) });
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
          {invited !== undefined && linkLeadsTo(invited) === 'invite' && <p>{t('accept.words')}</p>}
          <Action class="main wide" run={() => begin({ at: 'connect' })}>
            {invited === undefined
              ? t('welcome.begin')
              : t(linkLeadsTo(invited) === 'room' ? 'welcome.room' : 'welcome.answer')}
          </Action>
          {invited === undefined && (
            <Action class="wide" run={() => begin({ at: 'topics' })}>
              {t('welcome.rooms')}
            </Action>
          )}
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

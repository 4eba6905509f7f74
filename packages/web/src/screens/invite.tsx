// A fresh invite as link and code, and the ones that nobody has used yet. One invite lets in one person.

import { useEffect, useState } from 'preact/hooks';
import type { InviteView } from '../backend/backend.ts';
import { Action } from '../components/action.tsx';
import { CopyText } from '../components/copy-text.tsx';
import { QrCode } from '../components/qr-code.tsx';
import { Screen } from '../components/screen.tsx';
import { backend, conversations, persona } from '../state/app.ts';
import { wordsFor } from '../state/errors.ts';
import { goFromTop } from '../state/place.ts';
import { until } from '../i18n/dates.ts';
import { t } from '../i18n/translate.ts';

export function Invite() {
  const me = persona.value;
  const [invite, setInvite] = useState<InviteView>();
  const [others, setOthers] = useState<readonly InviteView[]>([]);
  const [wrong, setWrong] = useState('');
  const [known] = useState(() => new Set(conversations.peek().map(({ id }) => id)));

  useEffect(() => {
    if (me === undefined) return;
    const make = async () => {
      const unused = await backend().invites(me.id);
      setOthers(unused);
      setInvite(await backend().createInvite(me.id));
    };
    make().catch((error: unknown) => setWrong(wordsFor(error)));
  }, [me?.id]);

  const answered = conversations.value.find(({ id, persona: of }) => of === me?.id && !known.has(id));
  const revoke = async (id: string) => {
    await backend().revokeInvite(id);
    setOthers((rest) => rest.filter((other) => other.id !== id));
    if (invite?.id === id) goFromTop({ at: 'connect' });
  };

  return (
    <Screen title={t('invite.title')}>
      {answered !== undefined && (
        <div class="card" role="status">
          <p>{t('invite.answered', { name: answered.name })}</p>
          <button
            type="button"
            class="button main"
            onClick={() => goFromTop({ at: 'conversation', id: answered.id })}
          >
            {t('invite.open')}
          </button>
        </div>
      )}
      {wrong !== '' && <p role="alert">{wrong}</p>}
      {invite === undefined && wrong === '' && <p role="status">{t('invite.making')}</p>}
      {invite !== undefined && (
        <>
          <p>{t('invite.words')}</p>
          <QrCode data={invite.link} label={t('invite.code')} />
          <CopyText text={invite.link} label={t('invite.link')} />
          <p class="muted">
            {invite.until === undefined
              ? t('invite.once')
              : t('invite.onceUntil', { day: until(invite.until) })}
          </p>
        </>
      )}
      {others.length > 0 && (
        <details>
          <summary>{t('invite.unused', { count: others.length })}</summary>
          <ul class="stack">
            {others.map(({ id, link }) => (
              <li key={id} class="card">
                <p class="copyable" dir="ltr" tabIndex={0}>
                  {link}
                </p>
                <Action class="danger" run={() => revoke(id)}>
                  {t('invite.revoke')}
                </Action>
              </li>
            ))}
          </ul>
        </details>
      )}
    </Screen>
  );
}

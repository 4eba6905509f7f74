// Several selves that nobody can link: choose one, make one, say goodbye as one, or destroy its keys.

import { useState } from 'preact/hooks';
import type { PersonaView } from '../backend/backend.ts';
import { Action } from '../components/action.tsx';
import { Confirm } from '../components/confirm.tsx';
import { Picture } from '../components/picture.tsx';
import { Screen } from '../components/screen.tsx';
import { backend, persona, personas } from '../state/app.ts';
import { newSelf } from '../state/new-self.ts';
import { goFromTop } from '../state/place.ts';
import { setPreferences } from '../state/preferences.ts';
import { t } from '../i18n/translate.ts';

/** Shows this one; by default only the one that is shown is online, so that nobody sees two come and go together. */
async function choose(chosen: PersonaView): Promise<void> {
  setPreferences({ persona: chosen.id });
  const others = personas.peek().filter(({ id, online }) => id !== chosen.id && online);
  await Promise.all(others.map(({ id }) => backend().setOnline(id, false)));
  if (!chosen.retired) await backend().setOnline(chosen.id, true);
}

export function Personas() {
  const me = persona.value;
  return (
    <Screen title={t('personas.title')}>
      <p>{t('personas.words')}</p>
      <ul class="stack">
        {personas.value.map((one) => (
          <li key={one.id}>
            <Persona one={one} current={one.id === me?.id} />
          </li>
        ))}
      </ul>
      <NewPersona />
    </Screen>
  );
}

function stateOf({ retired, online }: PersonaView): 'personas.retired' | 'personas.online' | 'personas.away' {
  if (retired) return 'personas.retired';
  return online ? 'personas.online' : 'personas.away';
}

function Persona({ one, current }: { one: PersonaView; current: boolean }) {
  const use = async () => {
    await choose(one);
    goFromTop({ at: 'talks' });
  };
  return (
    <section class="card" aria-label={one.name}>
      <div class="welcome-self">
        <Picture seed={one.pictureSeed} size={56} label={t('picture', { name: one.name })} />
        <p class="grow">
          <strong>{one.name}</strong>
          <br />
          <span class="muted small">
            {current ? `${t('personas.current')} · ` : ''}
            {t(stateOf(one))}
          </span>
        </p>
        {!current && <Action run={use}>{t('personas.use')}</Action>}
      </div>
      <details>
        <summary>{t('personas.more')}</summary>
        <div class="stack">
          {!one.retired && (
            <label class="choice">
              <input
                type="checkbox"
                checked={one.online}
                onChange={(event) =>
                  void backend()
                    .setOnline(one.id, event.currentTarget.checked)
                    .catch(() => undefined)
                }
              />
              <span>{t('personas.stayOnline')}</span>
            </label>
          )}
          {!one.retired && (
            <Confirm
              label={t('retire.title')}
              words={t('retire.words')}
              yes={t('retire.yes')}
              run={() => backend().retirePersona(one.id)}
            />
          )}
          <Confirm
            label={t('burn.title')}
            words={t('burn.words')}
            yes={t('burn.yes')}
            run={() => backend().burnPersona(one.id)}
          />
        </div>
      </details>
    </section>
  );
}

function NewPersona() {
  // Two of one's own under one name could not be told apart.
  const taken = personas.value.map(({ name }) => name);
  const [self, setSelf] = useState(() => newSelf(...taken));
  const make = async () => {
    const made = await backend().createPersona(self.name, self.pictureSeed);
    await choose(made);
    goFromTop({ at: 'talks' });
  };
  return (
    <section class="card" aria-labelledby="new-persona">
      <h2 id="new-persona">{t('personas.new')}</h2>
      <div class="welcome-self">
        <Picture seed={self.pictureSeed} size={56} label={t('picture', { name: self.name })} />
        <p class="persona-name grow" aria-live="polite">
          {self.name}
        </p>
        <button type="button" class="button" onClick={() => setSelf(newSelf(self.name, ...taken))}>
          {t('welcome.another')}
        </button>
      </div>
      <Action class="main" run={make}>
        {t('personas.make')}
      </Action>
    </section>
  );
}

// Several selves that nobody can link: choose one, make one, say goodbye as one, or destroy its keys.

import { useState } from 'preact/hooks';
import type { PersonaView } from '../backend/backend.ts';
import { Action } from '../components/action.tsx';
import { Confirm } from '../components/confirm.tsx';
import { Picture } from '../components/picture.tsx';
import { Screen } from '../components/screen.tsx';
import { backend, persona, personas } from '../state/app.ts';
import { attempt } from '../state/attempt.ts';
import { newSelf } from '../state/new-self.ts';
import { goFromTop } from '../state/place.ts';
import { setPreferences } from '../state/preferences.ts';
import { t } from '../i18n/translate.ts';

/** Shows this one; only it is online, so that nobody sees two come and go together, and those that were told to stay. */
async function choose(chosen: Pick<PersonaView, 'id' | 'retired'>): Promise<void> {
  setPreferences({ persona: chosen.id });
  if (!chosen.retired) {
    await backend().setOnline(chosen.id, true);
    return;
  }
  const resting = personas.peek().filter(({ online, stays }) => online && !stays);
  for (const { id } of resting) await backend().setOnline(id, false);
}

async function setStays(one: PersonaView, stays: boolean, current: boolean): Promise<void> {
  await backend().setStays(one.id, stays);
  if (!stays && !current) await backend().setOnline(one.id, false);
}

/** Whoever destroyed the name that was shown is somebody else then: another of theirs, or someone new. */
async function burn(one: PersonaView): Promise<void> {
  const isShown = persona.peek()?.id === one.id;
  await backend().burnPersona(one.id);
  const left = personas.peek().filter(({ id }) => id !== one.id);
  const next = left.find(({ retired }) => !retired);
  if (next === undefined) {
    const self = newSelf(...left.map(({ name }) => name));
    await choose(await backend().createPersona(self.name, self.pictureSeed));
  } else if (isShown) await choose(next);
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
                checked={one.stays}
                onChange={(event) => attempt(() => setStays(one, event.currentTarget.checked, current))}
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
            run={() => burn(one)}
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

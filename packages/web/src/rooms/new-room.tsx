// Opening a room of one's own: everything has a sensible value already, only the name is asked for.

import { useId, useState } from 'preact/hooks';
import type { Door, RoomCardInput, Unhosted } from '@sotto/client';
import type { ComponentChildren } from 'preact';
import { Action } from '../components/action.tsx';
import { Screen } from '../components/screen.tsx';
import { backend, persona } from '../state/app.ts';
import { goFromTop } from '../state/place.ts';
import { LOCALES } from '../i18n/locales.ts';
import { locale, t } from '../i18n/translate.ts';
import { languageName } from './card-facts.tsx';
import { TOPIC_IDS } from './topic-keys.ts';
import { topicName } from './topic-names.ts';

const DOORS: readonly Door[] = ['open', 'knock', 'invite'];
const UNHOSTED: readonly Unhosted[] = ['slow', 'read-only', 'closed'];
const PLACES = [8, 16, 32, 64, 100, 200];

export function NewRoom({ topic }: { readonly topic?: string }) {
  const [card, setCard] = useState<RoomCardInput>({
    title: '',
    topic: topic ?? 'anything',
    focus: '',
    rules: t('new.rulesStart').split('\n'),
    hours: '',
    language: locale(),
    door: 'knock',
    places: 32,
    unhosted: 'slow',
    files: true,
  });
  const set = (change: Partial<RoomCardInput>) => setCard({ ...card, ...change });
  const me = persona.value;
  const open = async () => {
    if (me === undefined) return;
    const rules = (card.rules ?? []).map((rule) => rule.trim()).filter((rule) => rule !== '');
    const room = await backend().createRoom(me.id, {
      ...card,
      title: card.title.trim(),
      host: me.name,
      rules,
    });
    goFromTop({ at: 'conversation', id: room.id });
  };
  return (
    <Screen title={t('new.title')}>
      <p>{t('new.words')}</p>
      <Field label={t('new.name')}>
        {(id) => (
          <input
            id={id}
            class="input"
            dir="auto"
            maxLength={60}
            value={card.title}
            onInput={(event) => set({ title: event.currentTarget.value })}
          />
        )}
      </Field>
      <Select
        label={t('new.topic')}
        value={card.topic ?? 'anything'}
        options={TOPIC_IDS.map((id) => [id, topicName(id)])}
        onChoose={(value) => set({ topic: value })}
      />
      <Field label={t('new.focus')}>
        {(id) => (
          <textarea
            id={id}
            class="textarea"
            rows={2}
            dir="auto"
            maxLength={280}
            value={card.focus}
            onInput={(event) => set({ focus: event.currentTarget.value })}
          />
        )}
      </Field>
      <Field label={t('new.rules')}>
        {(id) => (
          <textarea
            id={id}
            class="textarea"
            rows={4}
            dir="auto"
            maxLength={1_200}
            value={(card.rules ?? []).join('\n')}
            onInput={(event) => set({ rules: event.currentTarget.value.split('\n') })}
          />
        )}
      </Field>
      <Field label={t('new.hours')}>
        {(id) => (
          <input
            id={id}
            class="input"
            dir="auto"
            maxLength={60}
            placeholder={t('new.hoursExample')}
            value={card.hours}
            onInput={(event) => set({ hours: event.currentTarget.value })}
          />
        )}
      </Field>
      <Select
        label={t('card.language')}
        value={card.language ?? 'en'}
        options={LOCALES.map((one) => [one, languageName(one)])}
        onChoose={(value) => set({ language: value })}
      />
      <Select
        label={t('new.door')}
        value={card.door ?? 'knock'}
        options={DOORS.map((door) => [door, t(`door.${door}`)])}
        onChoose={(value) => set({ door: value as Door, files: value !== 'open' })}
      />
      <Select
        label={t('card.files')}
        value={card.files === true ? 'all' : 'hosts'}
        options={(['all', 'hosts'] as const).map((who) => [who, t(`card.files.${who}`)])}
        onChoose={(value) => set({ files: value === 'all' })}
      />
      <Select
        label={t('new.places')}
        value={String(card.places)}
        options={PLACES.map((count) => [String(count), String(count)])}
        onChoose={(value) => set({ places: Number(value) })}
      />
      <Select
        label={t('new.unhosted')}
        value={card.unhosted ?? 'slow'}
        options={UNHOSTED.map((how) => [how, t(`new.unhosted.${how}`)])}
        onChoose={(value) => set({ unhosted: value as Unhosted })}
      />
      <Action class="main" run={open} disabled={card.title.trim() === ''}>
        {t('new.open')}
      </Action>
    </Screen>
  );
}

function Field({
  label,
  children,
}: {
  readonly label: string;
  readonly children: (id: string) => ComponentChildren;
}) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children(id)}
    </div>
  );
}

interface SelectProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, words: string])[];
  readonly onChoose: (value: string) => void;
}

function Select({ label, value, options, onChoose }: SelectProps) {
  return (
    <Field label={label}>
      {(id) => (
        <select
          id={id}
          class="select"
          value={value}
          onChange={(event) => onChoose(event.currentTarget.value)}
        >
          {options.map(([one, words]) => (
            <option key={one} value={one}>
              {words}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

// About one conversation: the timer, the safety check, and the ways to end it.

import { useId } from 'preact/hooks';
import { Confirm } from '../components/confirm.tsx';
import { Picture } from '../components/picture.tsx';
import { Screen } from '../components/screen.tsx';
import { backend, conversations } from '../state/app.ts';
import { attempt } from '../state/attempt.ts';
import { go, goFromTop } from '../state/place.ts';
import { duration } from '../i18n/dates.ts';
import { t } from '../i18n/translate.ts';

const TIMERS = [0, 300, 3_600, 86_400, 604_800, 2_419_200];

export function Details({ id }: { id: string }) {
  const timer = useId();
  const one = conversations.value.find((candidate) => candidate.id === id);
  if (one === undefined) return <p class="empty">{t('talks.gone')}</p>;
  const talking = one.state === 'open' || one.state === 'waiting-for-answer';
  const times = TIMERS.includes(one.timerSeconds) ? TIMERS : [...TIMERS, one.timerSeconds];
  const over = (deed: () => Promise<void>) => async () => {
    await deed();
    goFromTop({ at: 'talks' });
  };
  return (
    <Screen title={t('details.title')}>
      <div class="welcome-self">
        <Picture seed={one.pictureSeed} size={72} label={t('picture', { name: one.name })} />
        <p class="persona-name grow">
          <bdi>{one.name}</bdi>
        </p>
      </div>
      {talking && (
        <div class="field">
          <label for={timer}>{t('details.timer')}</label>
          <select
            id={timer}
            class="select"
            value={String(one.timerSeconds)}
            onChange={(event) => attempt(() => backend().setTimer(id, Number(event.currentTarget.value)))}
          >
            {times.map((seconds) => (
              <option key={seconds} value={String(seconds)}>
                {seconds === 0 ? t('details.timerOff') : duration(seconds)}
              </option>
            ))}
          </select>
          <p class="muted small">{t('details.timerWords')}</p>
        </div>
      )}
      {talking && (
        <section class="card">
          <h2>{t('compare.title')}</h2>
          <p>{t(one.compared === true ? 'details.compared' : 'details.notCompared', { name: one.name })}</p>
          <button type="button" class="button" onClick={() => go({ at: 'compare', id })}>
            {t('details.compare')}
          </button>
        </section>
      )}
      <section class="stack" aria-label={t('details.ends')}>
        {talking && (
          <Confirm
            label={t('block.title')}
            words={t('block.words', { name: one.name })}
            yes={t('block.title')}
            run={() => backend().block(id)}
          />
        )}
        {talking && (
          <Confirm
            label={t('leaveTalk.title')}
            words={t('leaveTalk.words', { name: one.name })}
            yes={t('leaveTalk.title')}
            run={over(() => backend().leave(id))}
          />
        )}
        {!talking && (
          <Confirm
            label={t('delete.title')}
            words={t('delete.words')}
            yes={t('delete.title')}
            run={over(() => backend().remove(id))}
          />
        )}
      </section>
    </Screen>
  );
}

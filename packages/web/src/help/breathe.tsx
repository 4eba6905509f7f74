// A breathing exercise: a shape that grows and shrinks, or, for those who want less motion, a word and the seconds.

import { phaseAt, reducedMotion } from '@sotto/care';
import { useEffect, useState } from 'preact/hooks';
import { Screen } from '../components/screen.tsx';
import { prefersLessMotion } from '../state/appearance.ts';
import { t } from '../i18n/translate.ts';

/** The shape is never smaller than this part of its full size. */
const SMALLEST = 0.45;

export function Breathe() {
  const [startedAt, setStartedAt] = useState<number>();
  return (
    <Screen title={t('breathe.title')}>
      <p>{t('breathe.words')}</p>
      {startedAt === undefined ? (
        <button type="button" class="button main" onClick={() => setStartedAt(performance.now())}>
          {t('breathe.begin')}
        </button>
      ) : (
        <Breath startedAt={startedAt} onEnd={() => setStartedAt(undefined)} />
      )}
    </Screen>
  );
}

function Breath({ startedAt, onEnd }: { startedAt: number; onEnd: () => void }) {
  const [now, setNow] = useState(startedAt);
  const still = prefersLessMotion();
  useEffect(() => {
    if (still) {
      const timer = setInterval(() => setNow(performance.now()), 250);
      return () => clearInterval(timer);
    }
    let frame = requestAnimationFrame(function draw(time) {
      setNow(time);
      frame = requestAnimationFrame(draw);
    });
    return () => cancelAnimationFrame(frame);
  }, [still]);
  const moment = phaseAt(now - startedAt);
  const scale = moment.done || still ? reducedMotion.scale : moment.scale;
  const words = moment.done ? t('care.breathe.done') : t(moment.phase.key);
  return (
    <div class="breath">
      <div class="breath-space" aria-hidden="true">
        <div class="breath-shape" style={{ transform: `scale(${SMALLEST + (1 - SMALLEST) * scale})` }} />
      </div>
      <p class="breath-word" aria-live="polite">
        {words}
      </p>
      {!moment.done && <p aria-hidden="true">{moment.secondsLeft}</p>}
      <button type="button" class="button" onClick={onEnd}>
        {t(moment.done ? 'breathe.again' : 'breathe.stop')}
      </button>
    </div>
  );
}

// Recording a voice note: the microphone with its level in a bar and in words, then the choice how the voice shall
// sound, listening, and only then sending. Closing it at any point, or leaving the page, turns the microphone off and
// forgets what was said. Not its concern: the sound itself (recorder.ts, change.ts), sending (the worker's).

import { useEffect, useRef, useState } from 'preact/hooks';
import { backend } from '../state/app.ts';
import { wordsFor } from '../state/errors.ts';
import { t } from '../i18n/translate.ts';
import { changeVoice, RATE, VOICES, type VoiceChoice } from './change.ts';
import { minutes, Player } from './player.tsx';
import { record, type Recording, type RecordingTrouble, troubleOf } from './recorder.ts';
import { samplesOf } from './samples.ts';
import { widenNote, writeNote } from './wav.ts';

export interface VoiceNoteProps {
  readonly conversation: string;
  readonly onClose: () => void;
}

/** Two minutes are 1.9 MB. */
const MAX_MS = 120_000;
const SOON_MS = 10_000;
const SHORTEST = RATE / 4;
const LOOK_MS = 150;
const QUIET = 0.25;

/** As it will be sent, and as it is heard here. */
interface Ready {
  readonly note: Uint8Array<ArrayBuffer>;
  readonly wave: Blob;
  readonly durationMs: number;
}

type Step = 'asking' | 'recording' | 'working' | 'ready' | RecordingTrouble | 'voice.tooShort';

export function VoiceNote({ conversation, onClose }: VoiceNoteProps) {
  const [step, setStep] = useState<Step>('asking');
  const [ms, setMs] = useState(0);
  const [level, setLevel] = useState(0);
  const [isHeard, setHeard] = useState(true);
  const [choice, setChoice] = useState<VoiceChoice>('own');
  const [ready, setReady] = useState<Ready>();
  const [words, setWords] = useState('');
  const [wrong, setWrong] = useState('');
  const title = useRef<HTMLHeadingElement>(null);
  const live = useRef<Recording | undefined>(undefined);
  const said = useRef<Float32Array | undefined>(undefined);
  /** Rises with each recording and each choice: whatever finishes later than that is thrown away. */
  const turn = useRef(0);

  const begin = () => {
    const mine = ++turn.current;
    forget();
    setReady(undefined);
    setMs(0);
    setStep('asking');
    setChoice('own');
    record().then(
      (recording) => {
        if (mine !== turn.current) {
          recording.cancel();
          return;
        }
        live.current = recording;
        setStep('recording');
      },
      (error: unknown) => {
        if (mine === turn.current) setStep(troubleOf(error));
      },
    );
  };
  const forget = () => {
    live.current?.cancel();
    live.current = undefined;
    said.current?.fill(0);
    said.current = undefined;
  };
  const stop = async () => {
    const recording = live.current;
    if (recording === undefined) return;
    live.current = undefined;
    const mine = turn.current;
    setStep('working');
    title.current?.focus();
    const samples = await recording.stop().then(samplesOf);
    if (mine !== turn.current) return;
    if (samples === undefined || samples.length < SHORTEST) {
      setStep('voice.tooShort');
      return;
    }
    said.current = samples;
    await sound('own');
  };
  const sound = async (how: VoiceChoice) => {
    const samples = said.current;
    if (samples === undefined) return;
    const mine = ++turn.current;
    setChoice(how);
    setStep('working');
    const note = writeNote(await changeVoice(samples, how, chance));
    const wide = widenNote(note);
    if (mine !== turn.current || wide === undefined) return;
    setReady({ note, wave: new Blob([wide.wave], { type: 'audio/wav' }), durationMs: wide.durationMs });
    setStep('ready');
  };

  useEffect(() => {
    title.current?.focus();
    begin();
    return () => {
      turn.current++;
      forget();
    };
  }, []);

  useEffect(() => {
    if (step !== 'recording') return undefined;
    const began = performance.now();
    let loudAt = began;
    const look = setInterval(() => {
      const now = live.current?.level() ?? 0;
      setLevel(now);
      if (now > QUIET) loudAt = performance.now();
      // In words only what lasts.
      setHeard(performance.now() - loudAt < 2_000);
      const gone = performance.now() - began;
      setMs(Math.min(gone, MAX_MS));
      if (gone >= MAX_MS) void stop();
    }, LOOK_MS);
    // Whoever goes elsewhere isn't listened to any longer; what was said so far is kept here for them.
    const leave = () => {
      if (document.visibilityState === 'hidden') void stop();
    };
    document.addEventListener('visibilitychange', leave);
    return () => {
      clearInterval(look);
      document.removeEventListener('visibilitychange', leave);
    };
  }, [step]);

  const send = async () => {
    if (ready === undefined) return;
    try {
      await backend().sendFile(conversation, {
        bytes: new Blob([ready.note], { type: 'audio/wav' }),
        kind: 'voice',
        mediaType: 'audio/wav',
        name: 'voice.wav',
        description: words.trim(),
        durationMs: ready.durationMs,
      });
      onClose();
    } catch (error) {
      setWrong(wordsFor(error));
    }
  };

  const trouble = step.startsWith('voice.') ? (step as RecordingTrouble | 'voice.tooShort') : undefined;
  const isOver = step === 'ready' || step === 'working';
  return (
    <section class="card attach" aria-label={t('voice.title')}>
      <h2 ref={title} tabIndex={-1}>
        {t('voice.title')}
      </h2>
      {step === 'asking' && <p role="status">{t('voice.asking')}</p>}
      {step === 'recording' && (
        <>
          <p role="status">{t('voice.recording')}</p>
          <p class="row">
            <meter class="grow" min={0} max={1} value={level} aria-label={t('voice.level')} />
            <span>{t('voice.at', { at: minutes(ms), whole: minutes(MAX_MS) })}</span>
          </p>
          <p class="small" role="status">
            {t(ms > MAX_MS - SOON_MS ? 'voice.soon' : isHeard ? 'voice.hearing' : 'voice.quiet')}
          </p>
        </>
      )}
      {trouble !== undefined && <p role="alert">{t(trouble)}</p>}
      {isOver && (
        <>
          <p role="status">{t(step === 'ready' ? 'voice.ready' : 'attach.preparing')}</p>
          {ready !== undefined && <Player sound={ready.wave} durationMs={ready.durationMs} />}
          <fieldset class="stack plain-set voices">
            <legend>{t('voice.choose')}</legend>
            {VOICES.map((how) => (
              <label class="choice" key={how}>
                <input type="radio" name="voice" checked={choice === how} onChange={() => void sound(how)} />
                <span>{t(`voice.${how}`)}</span>
              </label>
            ))}
          </fieldset>
          {choice !== 'own' && <p class="small muted">{t('voice.hides')}</p>}
          <label class="field">
            <span class="label small">{t('voice.describe')}</span>
            <input
              class="input"
              dir="auto"
              maxLength={250}
              value={words}
              placeholder={t('voice.describeWhy')}
              onInput={(event) => setWords(event.currentTarget.value)}
            />
          </label>
        </>
      )}
      {wrong !== '' && <p role="alert">{wrong}</p>}
      <div class="row">
        {step === 'recording' && (
          <button type="button" class="button main" onClick={() => void stop()}>
            {t('voice.stop')}
          </button>
        )}
        {isOver && (
          <button type="button" class="button main" disabled={step !== 'ready'} onClick={() => void send()}>
            {t('attach.send')}
          </button>
        )}
        {(isOver || trouble !== undefined) && (
          <button type="button" class="button" onClick={begin}>
            {t('voice.again')}
          </button>
        )}
        <button type="button" class="button" onClick={onClose}>
          {t('cancel')}
        </button>
      </div>
    </section>
  );
}

/** From 0 to 1, such that nobody can guess it. */
function chance(): number {
  return (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32;
}

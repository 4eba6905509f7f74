// Plays one sound that is on this device: play and pause, where one is in it, how long it is. One plays at a time. The
// sound is a blob: address of this page, so that nothing is asked of any network. Not its concern: fetching.

import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../i18n/translate.ts';

export interface PlayerProps {
  readonly sound: Blob;
  /** Until the browser knows. */
  readonly durationMs: number;
}

let playing: HTMLAudioElement | undefined;

/** "0:42". */
export function minutes(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  return `${String(Math.floor(seconds / 60))}:${String(seconds % 60).padStart(2, '0')}`;
}

export function Player({ sound, durationMs }: PlayerProps) {
  const [address, setAddress] = useState<string>();
  const [isPlaying, setPlaying] = useState(false);
  const [at, setAt] = useState(0);
  const [whole, setWhole] = useState(durationMs);
  const audio = useRef<HTMLAudioElement>(null);

  useEffect(() => {
    const made = URL.createObjectURL(sound);
    setAddress(made);
    setAt(0);
    const element = audio.current;
    return () => {
      element?.pause();
      if (playing === element) playing = undefined;
      URL.revokeObjectURL(made);
    };
  }, [sound]);

  const toggle = () => {
    const element = audio.current;
    if (element === null) return;
    if (!element.paused) {
      element.pause();
      return;
    }
    playing?.pause();
    playing = element;
    element.play().catch(() => setPlaying(false));
  };
  const words = { at: minutes(at), whole: minutes(whole) };
  return (
    <span class="player">
      <audio
        ref={audio}
        src={address}
        preload="metadata"
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
        onEnded={() => setAt(0)}
        onTimeUpdate={({ currentTarget }) => setAt(1_000 * currentTarget.currentTime)}
        onLoadedMetadata={({ currentTarget: { duration } }) => {
          if (Number.isFinite(duration)) setWhole(1_000 * duration);
        }}
      />
      <button type="button" class="button" onClick={toggle}>
        {t(isPlaying ? 'voice.pause' : 'voice.play')}
      </button>
      <input
        type="range"
        min={0}
        max={Math.max(1, Math.round(whole / 100))}
        value={Math.round(at / 100)}
        aria-label={t('voice.place')}
        aria-valuetext={t('voice.at', words)}
        onInput={({ currentTarget }) => {
          const ms = 100 * Number(currentTarget.value);
          setAt(ms);
          if (audio.current !== null) audio.current.currentTime = ms / 1_000;
        }}
      />
      <span class="small" aria-hidden="true">
        {words.at} / {words.whole}
      </span>
    </span>
  );
}

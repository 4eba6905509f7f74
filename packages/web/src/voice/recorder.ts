// The microphone, from the question whether it may be used until it is off again. Gives the recording as the browser
// made it, for this device alone: what is sent is made from its samples. Not its concern: the screen, the voice change.

export type RecordingTrouble = 'voice.notAllowed' | 'voice.none' | 'voice.wrong';

export interface Recording {
  /** From 0 to 1, now. */
  level(): number;
  /** Ends it. @returns what was recorded. */
  stop(): Promise<Blob>;
  /** Ends it and forgets what was recorded. Idempotent; also after `stop`. */
  cancel(): void;
}

/** @throws what `troubleOf` puts into words. */
export async function record(): Promise<Recording> {
  // Absent where the page isn't served securely.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (devices === undefined) throw new DOMException('', 'NotAllowedError');
  const stream = await devices.getUserMedia({
    audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true },
  });
  const off = (): void => {
    for (const track of stream.getTracks()) track.stop();
  };
  try {
    return begin(stream, off);
  } catch (error) {
    off();
    throw error;
  }
}

function begin(stream: MediaStream, off: () => void): Recording {
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 1_024 });
  context.createMediaStreamSource(stream).connect(analyser);
  const heard = new Float32Array(analyser.fftSize);
  const recorder = new MediaRecorder(stream);
  const parts: Blob[] = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const ended = new Promise<void>((resolve) => {
    recorder.onstop = () => resolve();
  });
  let over = false;
  const end = (): void => {
    if (over) return;
    over = true;
    if (recorder.state !== 'inactive') recorder.stop();
    off();
    void context.close().catch(() => undefined);
  };
  recorder.start();
  return {
    level: () => {
      analyser.getFloatTimeDomainData(heard);
      const power = heard.reduce((sum, one) => sum + one * one, 0) / heard.length;
      // Speech lies between about -50 and -10 dB.
      return Math.min(1, Math.max(0, (10 * Math.log10(power + 1e-9) + 60) / 50));
    },
    stop: async () => {
      end();
      await ended;
      return new Blob(parts.splice(0), { type: recorder.mimeType });
    },
    cancel: () => {
      end();
      parts.length = 0;
    },
  };
}

/** What to say when it didn't work. */
export function troubleOf(error: unknown): RecordingTrouble {
  const { name } = error as { name?: unknown };
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'voice.notAllowed';
  return name === 'NotFoundError' || name === 'OverconstrainedError' ? 'voice.none' : 'voice.wrong';
}

// Leaving quickly: an opaque cover before the event handler returns, the keys dropped, the page replaced. It never
// waits, for the network least of all. Not its concern: the button (shell/bar.tsx).

const PRESSES = 3;
const WITHIN_MS = 1_500;

let leaving = false;

/**
 * Covers and leaves this page for the neutral one.
 * @param drop - Ends whatever holds keys; a throw must not keep the person here.
 */
export function leaveNow(drop: () => void): void {
  if (leaving) return;
  leaving = true;
  cover();
  try {
    drop();
  } catch {
    // Whatever could not be ended goes with the page.
  }
  location.replace(SOTTO_SITE.exitUrl);
}

function cover(): void {
  const sheet = document.createElement('div');
  sheet.className = 'leaving';
  document.body.replaceChildren(sheet);
  document.title = SOTTO_SITE.name;
}

/**
 * Shift three times in a row leaves; Shift as part of typing doesn't.
 * @returns a function that stops listening.
 */
export function listenForShift(leave: () => void): () => void {
  let pressedAt: number[] = [];
  let alone = false;
  const down = (event: KeyboardEvent) => {
    if (event.key === 'Shift' && !event.repeat) alone = true;
    else if (event.key !== 'Shift') {
      alone = false;
      pressedAt = [];
    }
  };
  const up = (event: KeyboardEvent) => {
    if (event.key !== 'Shift' || !alone) return;
    alone = false;
    const now = event.timeStamp;
    pressedAt = [...pressedAt.filter((at) => now - at < WITHIN_MS), now];
    if (pressedAt.length >= PRESSES) leave();
  };
  const clicked = () => (pressedAt = []);
  addEventListener('keydown', down, true);
  addEventListener('keyup', up, true);
  addEventListener('pointerdown', clicked, true);
  // Coming back by the Back button must not show what was covered.
  const back = (event: PageTransitionEvent) => {
    if (event.persisted) location.reload();
  };
  addEventListener('pageshow', back);
  return () => {
    removeEventListener('keydown', down, true);
    removeEventListener('keyup', up, true);
    removeEventListener('pointerdown', clicked, true);
    removeEventListener('pageshow', back);
  };
}

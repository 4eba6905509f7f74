// Locks after a time without a touch or a key, also when the device slept meanwhile. Not its concern: whether there is
// a PIN to lock with (the caller starts it only then).

/**
 * @param minutes - Idle time.
 * @param lock - Called once per idle period.
 * @returns a function that stops watching.
 */
export function watchIdle(minutes: number, lock: () => void): () => void {
  const limitMs = minutes * 60_000;
  let touchedAt = Date.now();
  let locked = false;
  const touch = () => {
    check();
    touchedAt = Date.now();
    locked = false;
  };
  const check = () => {
    if (locked || Date.now() - touchedAt < limitMs) return;
    locked = true;
    lock();
  };
  const events = ['pointerdown', 'keydown', 'scroll'] as const;
  for (const name of events) addEventListener(name, touch, { capture: true, passive: true });
  document.addEventListener('visibilitychange', check);
  const timer = setInterval(check, 5_000);
  return () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', check);
    for (const name of events) removeEventListener(name, touch, { capture: true });
  };
}

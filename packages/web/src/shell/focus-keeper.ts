// Keeps the focus somewhere: what has it may vanish (a menu closes, a conversation is deleted, a button gives way to what
// it opened), and a browser then leaves the keyboard and the screen reader at nothing. It goes to what is left around the
// place, else to the heading of the screen. Not its concern: where a screen that just opened begins (screen.tsx).

const FOCUSABLE =
  'button:not([disabled]), a[href], input:not([disabled]), select:not([disabled]), textarea:not([disabled]), summary, [tabindex="0"]';

const isShown = (element: Element): boolean => element.checkVisibility();

function firstIn(around: Element): HTMLElement | undefined {
  const all = [around, ...around.querySelectorAll('*')].filter(
    (one) => one instanceof HTMLElement && isShown(one),
  );
  // A message that is only words now can still hold the focus, though Tab doesn't stop there.
  return (all.find((one) => one.matches(FOCUSABLE)) ?? all.find((one) => one.matches('[tabindex]'))) as
    HTMLElement | undefined;
}

/** What stands where something vanished, or around there; nothing where a whole screen gave way to another. */
function inPlaceOf(index: number, around: Element | undefined): HTMLElement | undefined {
  if (around === undefined || around.matches('.pane, .panes, .shell')) return undefined;
  const instead = around.children[Math.min(index, around.children.length - 1)];
  return (instead && firstIn(instead)) ?? firstIn(around);
}

/** The heading of the screen that is shown, the innermost pane first. */
function headingShown(root: Element): HTMLElement | undefined {
  const headings = ['.pane-main h1', '.pane-list h1'].flatMap((where) => [
    ...root.querySelectorAll<HTMLElement>(where),
  ]);
  return headings.find(isShown);
}

/**
 * Watches from now on, as long as the page lives.
 * @param root - What the page is drawn into.
 */
export function keepFocus(root: HTMLElement): void {
  /** What had the focus last and all around it, from the inside out, each with its place among its siblings. */
  let path: { readonly element: Element; readonly index: number }[] = [];
  root.addEventListener('focusin', ({ target }) => {
    path = [];
    for (let at = target as Element | null; at !== null && at !== root; at = at.parentElement) {
      path.push({
        element: at,
        index: at.parentElement === null ? 0 : [...at.parentElement.children].indexOf(at),
      });
    }
  });
  const look = () => {
    const { activeElement } = document;
    const isNowhere = activeElement === null || activeElement === document.body;
    const gone = path.findLastIndex(({ element }) => !element.isConnected || !isShown(element));
    // Someone who clicked on nothing wants it to be nowhere: then all of it is still there.
    if (!isNowhere || gone === -1) return;
    const next = inPlaceOf(path[gone]?.index ?? 0, path[gone + 1]?.element) ?? headingShown(root);
    // Between two screens there may be nothing yet: then the next change is looked at again.
    if (next === undefined) return;
    path = [];
    next.focus({ preventScroll: next.matches('h1') });
  };
  // A screen that opens takes the focus itself, right after it was drawn.
  new MutationObserver(() => requestAnimationFrame(look)).observe(root, { childList: true, subtree: true });
}

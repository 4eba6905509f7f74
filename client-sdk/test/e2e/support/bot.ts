// A person as a process of its own, to be killed with -9 at any moment and started again: `node bot.mjs SETTINGS`.
// It makes or accepts the invite where there is no conversation yet, says every number that its own history doesn't
// hold yet, and prints its whole history once all of it is delivered and all of the peer's is there.
import { type Conversation, openClient, type Persona } from '../../../src/index.ts';
import { loadEngine } from '../../../src/signal/engine-node.ts';

export interface BotSettings {
  readonly store: string;
  readonly relay: string;
  readonly link?: string;
  readonly count: number;
  readonly engine: 'libsignal' | 'ratchet';
}

async function main(settings: BotSettings): Promise<void> {
  const client = await openClient({
    store: settings.store,
    passphrase: 'bot',
    relay: settings.relay,
    engine: await loadEngine(settings.engine),
    kdfCost: { passes: 1, memoryKib: 8 },
    pace: { holeMs: 300, retryMs: 30, retryMaxMs: 300, restartMs: 50, patienceMs: 10_000 },
  });
  const [known] = await client.personas();
  const persona = known ?? (await client.createPersona({ name: 'bot' }));
  const conversation = await findConversation(persona, settings.link);
  for (let next = (await mine(conversation)).length; next < settings.count; next++) {
    await conversation.send(String(next));
  }
  for (;;) {
    const own = await mine(conversation);
    const all = await conversation.history({ limit: 10_000 });
    const theirs = all.filter((message) => message.kind === 'text' && !message.mine);
    if (own.every((message) => message.delivery === 'delivered') && theirs.length >= settings.count) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  // Whoever is first stays until it is told to end: the other may still need what it keeps.
  const all = await conversation.history({ limit: 10_000 });
  const heard = all.map((m) => (m.kind === 'text' ? (m.mine ? `>${m.text}` : m.text) : `[${m.kind}]`));
  process.stdout.write(`${JSON.stringify({ heard })}\n`);
  await client.close();
}

async function mine(conversation: Conversation) {
  const all = await conversation.history({ limit: 10_000 });
  return all.flatMap((message) => (message.kind === 'text' && message.mine ? [message] : []));
}

async function findConversation(persona: Persona, link: string | undefined): Promise<Conversation> {
  const [known] = await persona.conversations();
  if (known !== undefined) return known;
  if (link !== undefined) return retrying(() => persona.accept(link));
  const [open] = await persona.invites();
  const invite = open ?? (await retrying(() => persona.createInvite()));
  process.stdout.write(`${JSON.stringify({ link: invite.link })}\n`);
  for (;;) {
    const [begun] = await persona.conversations();
    if (begun !== undefined) return begun;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function retrying<T>(act: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await act();
    } catch (error) {
      const code = (error as { code?: string }).code;
      if (code !== 'NET_UNREACHABLE') throw error;
    }
  }
}

await main(JSON.parse(process.argv[2] ?? '') as BotSettings);

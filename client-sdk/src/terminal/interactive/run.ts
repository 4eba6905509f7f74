// The interactive terminal: greets, shows what was said, takes lines until the person leaves.
import type { Client, Persona } from '../../index.ts';
import { sayError } from '../errors.ts';
import type { Command } from './command.ts';
import { COMMANDS, say } from './commands.ts';
import { bold, dim } from './format.ts';
import { Screen } from './screen.ts';
import { Session } from './session.ts';
import { printable } from './text-safety.ts';

/** @returns the process' exit code. */
export async function runInteractive(client: Client, persona: Persona, relay: string): Promise<number> {
  const screen = new Screen((line) =>
    Object.keys(COMMANDS)
      .map((name) => `/${name} `)
      .filter((name) => line.startsWith('/') && name.startsWith(line)),
  );
  const session = new Session(client, persona, screen);
  screen.print(`You are ${bold(printable(persona.name))} here. ${dim(`Relay: ${relay}`)}`);
  screen.print(
    dim(
      'These are peers, not therapy and not an emergency service. In danger now? Call your emergency number (112, 911, 999).',
    ),
  );
  screen.print(dim('/invite makes a link for someone, /accept LINK takes one, /help lists the rest.'));
  await session.begin();
  for await (const line of screen.lines()) {
    const outcome = await act(session, line.trim());
    if (outcome === 'quit') break;
    session.refreshPrompt();
  }
  screen.close();
  await client.close();
  return 0;
}

async function act(session: Session, line: string): Promise<'quit' | undefined> {
  if (line === '') return undefined;
  let command: Command | undefined;
  try {
    if (!line.startsWith('/')) {
      await say(session, line);
      return undefined;
    }
    const [, name = '', rest = ''] = /^\/(\S*)\s*([\s\S]*)$/.exec(line) ?? [];
    const word = name.toLowerCase();
    command = Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined;
    if (command === undefined) {
      session.screen.print(`There is no /${printable(name)}. /help lists what there is.`);
      return undefined;
    }
    return await command.act(session, rest.trim());
  } catch (error) {
    const { code, message } = sayError(error);
    const nobody = code === 'CONVERSATION_GONE' && session.current === undefined;
    if (nobody) session.screen.print('You are talking with nobody yet. /invite or /accept first.');
    else if (code === 'TERMINAL_COMMAND' && command !== undefined)
      session.screen.print(`It goes so: ${command.usage}  ${dim(command.about)}`);
    else session.screen.print(message);
    if (!line.startsWith('/')) session.screen.print(dim(`Not said: ${printable(line)}`));
    return undefined;
  }
}

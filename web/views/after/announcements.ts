// What was told of a train, by message: in which channels it is, and in which it is not.

export interface Telling {
  message: string; // "planning.0"
  channel: string;
  kind: string; // of the channel, "webhook"
  subject: string;
  state: 'told' | 'refused' | 'unknown' | 'begun';
  since: string;
  by: string;
  why: string;
  tries: number;
  evidence: number;
}

export interface Message {
  key: string;
  moment: string; // "pre-cutover"
  subject: string;
  at: number; // when a channel was told first, or last tried, Unix milliseconds
  tellings: Telling[];
  missing: number; // channels that do not have it, as far as is known
}

export const nameOfState: Record<Telling['state'], string> = { told: 'told', refused: 'not told', unknown: 'may have arrived', begun: 'begun, and not known to have ended' };
export const toneOfState: Record<Telling['state'], string> = { told: 'good', refused: 'bad', unknown: 'bad', begun: 'caution' };

// The newest first.
export function messagesOf(tellings: Telling[]): Message[] {
  const messages = new Map<string, Telling[]>();
  for (const telling of tellings) messages.set(telling.message, [...(messages.get(telling.message) ?? []), telling]);
  return [...messages]
    .map(([key, all]) => ({
      key,
      moment: key.replace(/\..*$/, ''),
      subject: all.find((telling) => telling.subject)?.subject ?? key,
      at: Math.min(...all.map((telling) => Date.parse(telling.since))),
      tellings: [...all].sort((a, b) => a.channel.localeCompare(b.channel)),
      missing: all.filter((telling) => telling.state !== 'told').length,
    }))
    .sort((a, b) => b.at - a.at || a.key.localeCompare(b.key));
}

// What a person does about a telling that failed.
export function commandOf(train: string, telling: Telling): string {
  return telling.state === 'refused' ? `signalbox train announce ${train}` : `signalbox train announce ${train} --again ${telling.channel}`;
}

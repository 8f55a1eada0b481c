// A server-sent stream that comes back by itself: after one second, then two, four, at most thirty; at once when the page is looked at again,
// when the network returns, or when asked. What it knows of the connection is in `connection`. A browser keeps six connections to a server, in
// all its tabs together, so a stream that is not needed while nobody looks is closed then.
import { get } from './api';
import { connection, heardNow } from './connection.svelte';

const firstDelayMilliseconds = 1_000;
const maxDelayMilliseconds = 30_000;
const steadyMilliseconds = 5_000; // a stream that lasted this long was a good one

export function delayAfter(failures: number, random = Math.random()): number {
  const delay = Math.min(maxDelayMilliseconds, firstDelayMilliseconds * 2 ** failures);
  return delay * (0.8 + 0.2 * random);
}

export class Live {
  #source: EventSource | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #openedAt = 0;
  #asking = false;
  #closed = false;

  // `opened` is called each time the stream is there, the first time too: what came between is not sent again.
  constructor(
    private readonly address: string,
    private readonly receive: Record<string, (data: unknown) => void>, // by the name of the event
    private readonly opened: () => void = () => {},
    private readonly hidden: 'close' | 'keep' = 'close',
  ) {
    connection.retry = this.#retry;
    addEventListener('online', this.#retry);
    document.addEventListener('visibilitychange', this.#look);
    this.#look();
  }

  #look = () => {
    if (document.hidden && this.hidden === 'close') this.#stop();
    else if (connection.state === 'lost') this.#retry();
    else if (!this.#source) this.#open();
  };

  #stop() {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = undefined;
  }

  #open() {
    const source = new EventSource(this.address);
    this.#source = source;
    source.onopen = () => {
      this.#openedAt = Date.now();
      heardNow();
      this.opened();
    };
    for (const [event, receive] of Object.entries(this.receive)) {
      source.addEventListener(event, (message: MessageEvent<string>) => {
        heardNow();
        receive(JSON.parse(message.data));
      });
    }
    source.onerror = () => this.#lose();
  }

  #lose() {
    this.#stop();
    if (this.#openedAt > 0 && Date.now() - this.#openedAt >= steadyMilliseconds) this.#failures = 0;
    this.#openedAt = 0;
    const delay = delayAfter(this.#failures++);
    if (connection.state !== 'expired') connection.state = 'lost';
    connection.retryAt = Date.now() + delay;
    this.#timer = setTimeout(this.#retry, delay);
  }

  // An event stream does not tell why it was refused, so ask something that does.
  #retry = async () => {
    if (connection.state !== 'lost' || this.#asking || this.#closed) return;
    clearTimeout(this.#timer);
    this.#asking = true;
    connection.answers = await get('/api/v1/workspace').then(
      () => true,
      () => false,
    );
    this.#asking = false;
    if (!this.#closed && !this.#source && connection.state === 'lost') this.#open();
  };

  close() {
    this.#closed = true;
    this.#stop();
    removeEventListener('online', this.#retry);
    document.removeEventListener('visibilitychange', this.#look);
  }
}

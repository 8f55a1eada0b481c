// A server-sent stream that comes back by itself, and says how it is.
import { Expired, get } from './api';

export type LiveState = 'connecting' | 'live' | 'reconnecting' | 'expired';

const retryMilliseconds = 2_000;

export class Live {
  state = $state<LiveState>('connecting');
  #source: EventSource | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(
    private readonly address: string,
    private readonly event: string,
    private readonly receive: (data: unknown) => void,
  ) {
    this.#open();
  }

  #open() {
    const source = new EventSource(this.address);
    this.#source = source;
    source.onopen = () => (this.state = 'live');
    source.addEventListener(this.event, (message) => {
      this.state = 'live';
      this.receive(JSON.parse((message as MessageEvent<string>).data));
    });
    source.onerror = () => {
      if (this.#closed) return;
      this.state = 'reconnecting';
      source.close();
      this.#timer = setTimeout(() => this.#again(), retryMilliseconds);
    };
  }

  // An event stream does not tell why it was refused, so ask something that does.
  async #again() {
    try {
      await get('/api/v1/workspace');
    } catch (error) {
      if (error instanceof Expired) this.state = 'expired';
    }
    if (!this.#closed && this.state !== 'expired') this.#open();
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#source?.close();
  }
}

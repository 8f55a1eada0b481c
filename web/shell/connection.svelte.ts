// How the page is connected to the server. The header draws it; the streams and `get` write it.

export type ConnectionState = 'connecting' | 'live' | 'lost' | 'expired';

export const connection = $state<{
  state: ConnectionState;
  heard: number | null; // when the server was last heard, Unix milliseconds
  answers: boolean; // while it is lost: whether the server answers other questions
  retryAt: number | null; // when it is asked again, while it is lost
  retry: () => void; // asks now
}>({ state: 'connecting', heard: null, answers: false, retryAt: null, retry: () => {} });

export function heardNow() {
  connection.state = 'live';
  connection.heard = Date.now();
  connection.retryAt = null;
}

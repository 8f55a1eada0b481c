// How the view on the page is connected; the header draws it. A view without a stream says nothing new.
import type { LiveState } from './live.svelte';

export const connection = $state<{ state: LiveState }>({ state: 'connecting' });

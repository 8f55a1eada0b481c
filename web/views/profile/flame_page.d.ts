import type { Flame } from './flame_data.js';

export class Page {
  constructor(host: HTMLElement, flame: Flame, options?: { alone?: boolean; showSource?: ((frame: number) => void) | null; opened?: (key: string) => void });
  add(key: string, words: string): HTMLElement;
  readonly opened: string; // the key of the tab that is open
  open(key: string): void;
  likeliest(): number | undefined;
  close(): void;
}

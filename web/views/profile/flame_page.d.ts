import type { Flame } from './flame_data.js';

export class Page {
  constructor(host: HTMLElement, flame: Flame, options?: { alone?: boolean });
  add(key: string, words: string): HTMLElement;
  close(): void;
}

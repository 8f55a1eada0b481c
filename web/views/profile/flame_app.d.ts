import type { Flame } from './flame_data.js';

export class FlameApp {
  constructor(host: HTMLElement, flame: Flame, options?: { head?: boolean });
  close(): void;
}

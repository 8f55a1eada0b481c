import type { Flame } from './flame_data.js';

export interface Sought {
  text: string;
  isTyping: boolean;
}

export class FlameApp {
  constructor(host: HTMLElement, flame: Flame, options?: { head?: boolean; sought?: Sought | null; source?: (frame: { file: string; line: number }) => Node | string; showSource?: ((frame: number) => void) | null });
  sought(): Sought;
  close(): void;
}

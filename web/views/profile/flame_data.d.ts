export interface Flame {
  about: unknown;
  frames: { name: string }[];
}
export function flameOf(about: unknown): Flame;

export interface Flame {
  about: unknown;
}
export function flameOf(about: unknown): Flame;

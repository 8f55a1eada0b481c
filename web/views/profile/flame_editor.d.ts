export interface Source {
  file: string;
  line: number;
}
export const editors: Map<string, { words: string; address: (path: string, line: number) => string | undefined }>;
export function hasPlace(frame: Source): boolean;
export function keepEditor(key: string): void;
export function keptEditor(): string;
export function sourceAddress(frame: Source, key: string): string | undefined;
export function sourceText(frame: Source, options?: { path?: boolean }): string;

export function amountText(amount: number, unit: string): string;
export function percentText(share: number): string;
export function shareText(part: { share: number; interval?: [low: number, high: number] | null }): string;

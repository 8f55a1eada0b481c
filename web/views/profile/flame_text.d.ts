export function amountText(amount: number, unit: string): string;
export function percentText(share: number): string;

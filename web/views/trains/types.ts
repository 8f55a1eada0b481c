// What the routes of trains answer.
import type { Check } from '../../shell/api';

export type Risk = 'low' | 'medium' | 'high';
export type TrainPhase = 'open' | 'locked' | 'departed' | 'rolled-back' | 'cancelled';

export interface Train {
  train: string;
  created: string;
  departs: string;
  locks: string;
  sequence: number;
  cadence: string;
  kind: 'regular' | 'hotfix';
  phase: TrainPhase;
  locked: boolean;
  passengers: number;
  aboard: number;
  high_risk: number;
  max_high_risk: number;
  medium_risk: number;
  max_medium_risk?: number;
  base?: string;
  reason?: string;
  lock?: { digest: string; head: string; version: string; time: string; by: string; evidence: number };
}

export interface Seat {
  passenger: string;
  commits: string[];
  title: string;
  owner: string;
  risk: Risk;
  risk_note: string;
  state: string;
  checks: { answered: number; of: number };
  evidence: number;
  reason?: string;
  lacks: string;
  next: string;
  estimate?: { risk: Risk }; // for operators
}

export interface Gates {
  decision: 'GO' | 'NO-GO';
  gates: Check[];
}

export interface Manifest {
  digest: string;
  by: string;
  time: string;
  evidence: number;
  manifest: {
    tag: string;
    base: string | null;
    head: string;
    commits: { total: number; classified: number; unclassified: number; excluded: number };
    passengers: { passenger: string; title: string; owner: string; risk: Risk }[];
    unboarded: string[];
    policy: string;
  };
}

// Whether it still waits to leave.
export const waits = (train: Train) => train.phase === 'open' || train.phase === 'locked';
// Whether a seat takes part in the queue: who was bumped has left it.
export const rides = (seat: Seat) => seat.state !== 'bumped';
export const isAboard = (seat: Seat) => ['aboard', 'shipped', 'rolled-back'].includes(seat.state);
export const nameOfPhase: Record<TrainPhase, string> = { open: 'open', locked: 'locked', departed: 'departed', 'rolled-back': 'rolled back', cancelled: 'cancelled' };

// What the routes of the time after a departure answer.
import type { Tone } from '../../shell/api';

export interface Action {
  train: string;
  id: string; // "a1", within its train
  class: 'detect' | 'mitigate' | 'prevent';
  title: string;
  owner: string;
  due: string;
  first_due?: string; // where its due date was changed
  state: 'open' | 'overdue' | 'done';
  changes: number;
  evidence: number;
  done?: { time: string; by: string; note: string; evidence: number; shown_by?: number };
}

// Where the review of a train stands.
export interface Standing {
  train: string;
  review: string; // "published", "due in 3d", "overdue by 2d", "not asked for"
  ending: 'departed' | 'taken-back' | null;
  version: string | null;
  ended: string | null;
  due: string | null;
  overdue: boolean;
  published: string | null;
  open_actions: number;
}

export interface TimelineLine {
  index: number;
  time: string; // when it was logged
  by: string;
  text: string;
  tone: Tone;
  kind: string; // of the event
  about?: string; // of an incident its id
  happened?: string; // of an incident when it began or was over
}

// What people wrote.
export interface Words {
  evidence: number;
  by: string;
  time: string;
  summary: string;
  impact: string;
  causes: string[];
  went_well: string[];
  went_badly: string[];
  no_actions: string;
}

export interface TrainReview extends Standing {
  words?: Words;
  actions: Action[];
  timeline: TimelineLine[];
}

export const nameOfEnding = { departed: 'departed', 'taken-back': 'taken back' } as const;
export const toneOfEnding = { departed: 'good', 'taken-back': 'bad' } as const;

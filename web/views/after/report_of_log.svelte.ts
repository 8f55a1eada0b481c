// A report that is read again whenever the log has grown. To be made while a component is set up: it ends with it.
import { get, problemOf, type Problem, type Report } from '../../shell/api';
import { Live } from '../../shell/live.svelte';
import { oneAtATime } from '../../shell/one_at_a_time';

export class ReportOfLog<Data> {
  report = $state.raw<Report<Data> | null>(null);
  problem = $state.raw<Problem | null>(null);
  readonly load: () => void;

  constructor(address: () => string) {
    this.load = oneAtATime(async () => {
      try {
        this.report = await get<Report<Data>>(address());
        this.problem = null;
      } catch (error) {
        this.problem = problemOf(error);
      }
    });
    $effect(() => {
      const live = new Live('/api/v1/evidence/stream', { entry: () => this.load() }, () => this.load());
      return () => live.close();
    });
  }
}

export function addressOfTrain(id: string, what: string): string {
  return `/api/v1/train/trains/${encodeURIComponent(id)}/${what}`;
}

// The console's list of views. An instrument adds its folder beside this file and one line here.
import type { Component } from 'svelte';
import Evidence from './evidence/Evidence.svelte';
import Board from './train/Board.svelte';

export interface View {
  name: string; // its place in the address: "#/name"
  title: string; // in the navigation
  key: string; // "g" and this key go there
  component: Component<{ rest: string[]; filters: Record<string, string> }> | Component;
}

export const views: View[] = [
  { name: 'departure', title: 'Departure', key: 'd', component: Board },
  { name: 'evidence', title: 'Evidence', key: 'e', component: Evidence },
];

// The console's list of views. An instrument adds its folder beside this file and one line here; a view is fetched when it is first opened.
import type { Component } from 'svelte';

export type ViewComponent = Component<{ rest: string[]; filters: Record<string, string> }> | Component;

export interface View {
  name: string; // its place in the address: "#/name"
  title: string; // in the navigation
  key: string; // "g" and this key go there
  load: () => Promise<{ default: ViewComponent }>;
}

export const views: View[] = [
  { name: 'departure', title: 'Departure', key: 'd', load: () => import('./train/Board.svelte') },
  { name: 'trains', title: 'Trains', key: 't', load: () => import('./trains/Trains.svelte') },
  { name: 'reviews', title: 'Reviews', key: 'r', load: () => import('./after/Reviews.svelte') },
  { name: 'delivery', title: 'Delivery', key: 'm', load: () => import('./after/Delivery.svelte') },
  { name: 'calendar', title: 'Calendar', key: 'c', load: () => import('./calendar/Calendar.svelte') },
  { name: 'profiles', title: 'Profiles', key: 'p', load: () => import('./profile/Profiles.svelte') },
  { name: 'evidence', title: 'Evidence', key: 'e', load: () => import('./evidence/Evidence.svelte') },
  { name: 'queries', title: 'Queries', key: 'q', load: () => import('./queries/Queries.svelte') },
  { name: 'pack', title: 'Pack', key: 'k', load: () => import('./pack/Pack.svelte') },
];

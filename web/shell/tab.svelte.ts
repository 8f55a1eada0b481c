// What the browser's tab says beside the view's title, so that GO is seen while another tab is read.

export const tab = $state<{ says: string; sign: 'go' | 'stop' | '' }>({ says: '', sign: '' });

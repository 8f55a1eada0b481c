// The time, for ages that go on while a page is open.

const tickMilliseconds = 1_000;

export const clock = $state({ now: Date.now() });

setInterval(() => (clock.now = Date.now()), tickMilliseconds);

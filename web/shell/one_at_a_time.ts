// Events come in crowds: while one call of `ask` goes on, all further wishes become one more call after it.
export function oneAtATime(ask: () => Promise<void>): () => Promise<void> {
  let running = false;
  let again = false;
  return async () => {
    again = true;
    if (running) return;
    running = true;
    while (again) {
      again = false;
      await ask();
    }
    running = false;
  };
}

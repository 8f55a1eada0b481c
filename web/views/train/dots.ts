// Letters of a flip-dot board, five dots wide and seven high; one string a row.
const letters: Record<string, string[]> = {
  G: [' ### ', '#   #', '#    ', '# ###', '#   #', '#   #', ' ### '],
  O: [' ### ', '#   #', '#   #', '#   #', '#   #', '#   #', ' ### '],
  N: ['#   #', '##  #', '# # #', '#  ##', '#   #', '#   #', '#   #'],
  '-': ['     ', '     ', '     ', ' ### ', '     ', '     ', '     '],
};

export const columns = 31;
export const rows = 9;

// The dots of a word in the middle of a board of 31 by 9: true is lit.
export function dotsOf(word: string): boolean[][] {
  const board = Array.from({ length: rows }, () => Array<boolean>(columns).fill(false));
  const start = Math.floor((columns - (word.length * 6 - 1)) / 2);
  for (const [i, letter] of [...word].entries()) {
    for (const [y, line] of (letters[letter] ?? []).entries()) {
      for (const [x, dot] of [...line].entries()) board[y + 1]![start + i * 6 + x] = dot === '#';
    }
  }
  return board;
}

// A terminal that is drawn on as a whole, and given back as it was however the program ends.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace signalbox::profile {

struct TerminalSize {
  std::size_t rows = 24;
  std::size_t columns = 80;
  bool operator==(const TerminalSize&) const = default;
};

// One at a time. Keys come as they are typed, also Ctrl-C, which raises no signal here. The second screen of
// the terminal is drawn on, so that what stood on the first is there again afterwards. Signals that end a
// program give the terminal back first, then do what they did before.
class Terminal {
 public:
  // `input` and `output` are descriptors of a terminal, and stay open longer than this.
  static Result<std::unique_ptr<Terminal>> open(int input, int output);
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  TerminalSize size() const;
  // What was typed since the last call; nullopt: the terminal is gone.
  std::optional<std::string> typed() const;
  // Replaces what is seen, lines from the top; each fits the terminal's width.
  void draw(const std::vector<std::string>& lines) const;

 private:
  struct State;
  explicit Terminal(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace signalbox::profile

// SIGINT and SIGTERM end what is measured, and not the program that measures.
#pragma once

#include <array>

#include <signal.h>

namespace signalbox::profile {

// Both signals are counted while this lives, and handed on to who took note of them before; the second one is
// as if this did not live. There is one at a time.
class Interruptible {
 public:
  Interruptible();
  ~Interruptible();
  Interruptible(const Interruptible&) = delete;
  Interruptible& operator=(const Interruptible&) = delete;
  bool happened() const;

 private:
  std::array<struct sigaction, 2> before_{};
};

}  // namespace signalbox::profile

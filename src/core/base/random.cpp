#include "core/base/random.hpp"

#include <cerrno>
#include <cstdlib>

#include <sys/random.h>

namespace signalbox {

std::string random_octets(std::size_t count) {
  std::string out(count, '\0');
  std::size_t done = 0;
  while (done < count) {
    const ssize_t got = getrandom(out.data() + done, count - done, 0);
    if (got < 0 && errno != EINTR) std::abort();
    if (got > 0) done += static_cast<std::size_t>(got);
  }
  return out;
}

}  // namespace signalbox

// Keys, from the octets that a terminal sends for them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace signalbox::profile {

struct Key {
  enum class Kind { text, up, down, page_up, page_down, home, end, enter, escape, erase, interrupt };
  Kind kind = Kind::text;
  std::string text;  // Kind::text: one character, UTF-8
  bool operator==(const Key&) const = default;
};

// Octets come in pieces: a sequence may be cut anywhere.
class KeyReader {
 public:
  // The keys that are whole now. What no key is, is left out.
  std::vector<Key> take(std::string_view octets);
  // Nothing came for a while: what waits for its rest is whole after all, as an escape key alone is.
  std::vector<Key> settle();

 private:
  std::vector<Key> parse(bool is_all);
  std::string waiting_;
};

}  // namespace signalbox::profile

// Regular expressions over names of functions, files and modules, with the syntax of pprof (RE2): linear in
// time whatever the name.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace re2 {
class RE2;
}

namespace signalbox::profile {

inline constexpr std::size_t kMaxPatternBytes = 4096;

// A compiled expression; copies share it.
class NamePattern {
 public:
  // bad_input with what is wrong.
  static Result<NamePattern> compile(std::string_view expression);

  bool matches(std::string_view text) const;  // anywhere in the text
  const std::string& text() const { return text_; }

 private:
  NamePattern(std::string text, std::shared_ptr<const re2::RE2> compiled);
  std::string text_;
  std::shared_ptr<const re2::RE2> compiled_;
};

}  // namespace signalbox::profile

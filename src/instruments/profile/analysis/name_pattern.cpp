#include "instruments/profile/analysis/name_pattern.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include "core/base/text.hpp"

namespace signalbox::profile {

NamePattern::NamePattern(std::string text, std::shared_ptr<const re2::RE2> compiled)
    : text_(std::move(text)), compiled_(std::move(compiled)) {}

Result<NamePattern> NamePattern::compile(std::string_view expression) {
  if (expression.size() > kMaxPatternBytes) {
    return fail(ErrorKind::bad_input, fmt::format("a regular expression of {} bytes; at most {} are read",
                                                  expression.size(), kMaxPatternBytes));
  }
  re2::RE2::Options options;
  options.set_log_errors(false);
  auto compiled =
      std::make_shared<const re2::RE2>(re2::StringPiece(expression.data(), expression.size()), options);
  if (!compiled->ok()) {
    return fail(ErrorKind::bad_input,
                fmt::format("`{}` is no regular expression: {}", printable(expression), compiled->error()),
                "names hold characters that mean something: write \\( and \\* for ( and *");
  }
  return NamePattern(std::string(expression), std::move(compiled));
}

bool NamePattern::matches(std::string_view text) const {
  return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *compiled_);
}

}  // namespace signalbox::profile

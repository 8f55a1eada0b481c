// Where a secret lies: a variable or a file, never the configuration itself.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace signalbox::http {

inline constexpr std::size_t kMaxSecretBytes = 8192;

struct SecretSource {
  std::string env;   // name of a variable
  std::string file;  // path; one of the two, or neither: there is no secret
  bool is_named() const { return !env.empty() || !file.empty(); }
};

// Its text, one line without the line's end. `what` is what messages call it: "token of the webhook"; what
// was read is in none of them. unavailable where it is absent, empty, or no line of at most kMaxSecretBytes.
Result<std::string> read_secret(const SecretSource& source, std::string_view what);

// The text with the secret wherever it stands in it replaced by "(secret)": for what a server answered.
std::string without_secret(std::string text, std::string_view secret);

}  // namespace signalbox::http

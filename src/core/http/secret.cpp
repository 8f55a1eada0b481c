#include "core/http/secret.hpp"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "core/base/file.hpp"
#include "core/base/text.hpp"

namespace signalbox::http {
namespace {

// Shorter ones stand in ordinary words: taking them out would garble a message and hide nothing.
constexpr std::size_t kMinHiddenBytes = 8;

Result<std::string> raw_secret(const SecretSource& source, std::string_view what) {
  if (!source.file.empty()) {
    auto octets = read_file(source.file, kMaxSecretBytes);
    if (octets) return octets;
    return fail(ErrorKind::unavailable, fmt::format("the {}: {}", what, octets.error().message),
                octets.error().hint);
  }
  const char* const value = std::getenv(source.env.c_str());
  return std::string(value == nullptr ? "" : value);
}

std::string place_of(const SecretSource& source) {
  return source.file.empty() ? "$" + printable(source.env) : printable(source.file);
}

}  // namespace

Result<std::string> read_secret(const SecretSource& source, std::string_view what) {
  SIGNALBOX_TRY(const std::string raw, raw_secret(source, what));
  const std::string secret(trim(raw));
  const std::string place = place_of(source);
  if (secret.empty()) {
    const std::string hint =
        source.file.empty() ? fmt::format("export {}=…", printable(source.env)) : "write it there";
    return fail(ErrorKind::unavailable, fmt::format("the {} is not there: {} is empty", what, place), hint);
  }
  const bool is_line =
      std::none_of(secret.begin(), secret.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (is_line && secret.size() <= kMaxSecretBytes) return secret;
  return fail(ErrorKind::unavailable, fmt::format("the {} in {} is no single line of text", what, place));
}

std::string without_secret(std::string text, std::string_view secret) {
  constexpr std::string_view kInstead = "(secret)";
  if (secret.size() < kMinHiddenBytes) return text;
  for (std::size_t at = text.find(secret); at != std::string::npos;
       at = text.find(secret, at + kInstead.size()))
    text.replace(at, secret.size(), kInstead);
  return text;
}

}  // namespace signalbox::http

#include "core/evidence/given_keys.hpp"

#include <filesystem>

#include "core/base/file.hpp"
#include "core/base/text.hpp"

namespace signalbox::evidence {
namespace {

constexpr std::size_t kMaxKeyFileBytes = std::size_t{1} << 20;

}  // namespace

Result<std::vector<PublicKey>> parse_given_keys(std::string_view text) {
  const bool is_one = text.find("-----BEGIN") != std::string_view::npos ||
                      text.find("untrusted comment") != std::string_view::npos;
  std::vector<PublicKey> out;
  for (const std::string_view line : is_one ? std::vector<std::string_view>{text} : lines(text)) {
    if (trim(line).empty()) continue;
    SIGNALBOX_TRY(PublicKey key, parse_public_key(line, "given"));
    out.push_back(prepared(std::move(key)));
  }
  return out;
}

Result<std::vector<PublicKey>> read_given_keys(const std::string& given) {
  auto keys = parse_given_keys(given);
  std::error_code failed;
  if (keys || !std::filesystem::exists(given, failed)) return keys;
  SIGNALBOX_TRY(const std::string text, read_file(given, kMaxKeyFileBytes));
  auto held = parse_given_keys(text);
  return held ? std::move(held)
              : Result<std::vector<PublicKey>>(fail_in(printable(given), std::move(held).error()));
}

}  // namespace signalbox::evidence

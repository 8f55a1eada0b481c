#include "core/evidence/given_keys.hpp"

#include "core/base/text.hpp"

namespace signalbox::evidence {

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

}  // namespace signalbox::evidence

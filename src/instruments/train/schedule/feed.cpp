#include "instruments/train/schedule/feed.hpp"

#include <algorithm>

namespace signalbox::train::schedule {
namespace {

constexpr std::size_t kLongestDomain = 253;  // RFC 1035

}  // namespace

Result<Feed> parse_feed(const config::Node& node) {
  Feed out;
  if (!node.exists()) return out;
  SIGNALBOX_CHECK(node.only({"name", "domain"}));
  if (node["name"].exists()) {
    SIGNALBOX_TRY(out.name, node["name"].text());
  }
  if (node["domain"].exists()) {
    SIGNALBOX_TRY(out.domain, node["domain"].text());
    const bool good = !out.domain.empty() && out.domain.size() <= kLongestDomain &&
                      std::all_of(out.domain.begin(), out.domain.end(), [](char c) {
                        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
                      });
    if (!good) return node["domain"].wrong("no domain", "releases.example.org, in lower case");
  }
  return out;
}

}  // namespace signalbox::train::schedule

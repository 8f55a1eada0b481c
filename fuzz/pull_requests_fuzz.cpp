// Any octets as a forge's export of its requests and as a release.yml: read, or refused in words; what is
// read stands on one line each.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "instruments/train/labels/release_yml.hpp"

namespace train = signalbox::train;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  const auto rules = train::parse_release_yml(octets, "release.yml");
  if (!rules && rules.error().message.empty()) std::abort();
  const auto requests = train::parse_pull_requests(octets);
  if (!requests) {
    if (requests.error().message.empty()) std::abort();
    return 0;
  }
  for (const auto& [number, request] : *requests) {
    if (number == 0 || request.title.find('\n') != std::string::npos) std::abort();
    if (!request.url.empty() && !request.url.starts_with("https://")) std::abort();
    if (rules) (void)train::category_of(*rules, request);
  }
  return 0;
}

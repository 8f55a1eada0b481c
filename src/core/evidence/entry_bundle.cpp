#include "core/evidence/entry_bundle.hpp"

#include <fmt/core.h>

namespace signalbox::evidence {
namespace {

constexpr std::size_t kLengthBytes = 2;
constexpr std::size_t kMaxRecords = 256;

}  // namespace

void add_to_entry_bundle(std::string& bundle, std::string_view record) {
  bundle += static_cast<char>(record.size() >> 8 & 0xff);
  bundle += static_cast<char>(record.size() & 0xff);
  bundle += record;
}

Result<std::vector<std::string_view>> parse_entry_bundle(std::string_view octets) {
  const auto refuse = [](std::string_view what) {
    return fail(ErrorKind::bad_input, fmt::format("entry bundle: {}", what));
  };
  std::vector<std::string_view> out;
  while (!octets.empty()) {
    if (out.size() == kMaxRecords) return refuse("more than 256 records");
    if (octets.size() < kLengthBytes) return refuse("ends within a length");
    const auto high = static_cast<unsigned char>(octets[0]);
    const auto low = static_cast<unsigned char>(octets[1]);
    const std::size_t length = std::size_t{high} << 8 | low;
    octets.remove_prefix(kLengthBytes);
    if (octets.size() < length) return refuse("ends within a record");
    out.push_back(octets.substr(0, length));
    octets.remove_prefix(length);
  }
  if (out.empty()) return refuse("holds no record");
  return out;
}

}  // namespace signalbox::evidence

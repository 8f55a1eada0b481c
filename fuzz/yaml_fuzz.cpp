// Any octets as a configuration: read, or refused with a place; what was read is walked.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/config/config.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto node = signalbox::config::parse_yaml({reinterpret_cast<const char*>(data), size}, "f");
  if (!node) {
    if (!node.error().message.starts_with("f:")) std::abort();
    return 0;
  }
  node->to_json().dump();
  if (const auto only = node->only({"name", "train"}); !only && !only.error().message.starts_with("f:"))
    std::abort();
  return 0;
}

// Any octets as a condition, a line of JSON after the first NUL as what it is about: answered, or left to jq;
// what it did not look at does not change its answer, and variants leave the input as it was.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/gates/plain_condition.hpp"

using namespace signalbox;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t split = std::min(text.find('\0'), text.size());
  const auto plain = gates::PlainCondition::parse(text.substr(0, split));
  auto input =
      parse_json(split < text.size() ? text.substr(split + 1) : R"({"a":{"b":[1,{"c":true}]},"d":"x"})");
  if (!plain || !input) return 0;
  std::vector<const Json*> read;
  const auto answer = plain->evaluate(*input, &read);
  const std::string before = input->dump();
  for (const auto& [name, value] : input->members()) {
    Json path = Json::array();
    path.push_back(name);
    const bool looked_at = std::find(read.begin(), read.end(), &value) != read.end();
    const auto varied = gates::evaluate_variant(*plain, *input, {{path}, Json()});
    if (looked_at || !answer) continue;
    if (!varied || varied->kind != answer->kind || varied->message != answer->message) std::abort();
  }
  if (input->dump() != before) std::abort();
  return 0;
}

// Any octets as a plan: what is read is judged, written, and read again the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "instruments/pack/check/checker.hpp"
#include "instruments/pack/document/plan_document.hpp"

using namespace signalbox::pack;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto document = read_plan_document({reinterpret_cast<const char*>(data), size}, "f");
  if (!document) return 0;
  const auto violations = check_plan(document->order, document->boxes, document->plan, document->support);
  const std::string text = to_json(*document).dump();
  const auto again = read_plan_document(text, "f");
  if (!again || to_json(*again).dump() != text) std::abort();
  if (check_plan(again->order, again->boxes, again->plan, again->support).size() != violations.size())
    std::abort();
  return 0;
}

// Predicates of what people say: what was read is written and read again as the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/base/json.hpp"
#include "instruments/train/gating/exception_book.hpp"

namespace train = signalbox::train;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto json = signalbox::parse_json({reinterpret_cast<const char*>(data), size});
  if (!json) return 0;
  if (const auto ballot = train::parse_ballot(*json)) {
    const signalbox::Json written = train::to_predicate(*ballot);
    const auto again = train::parse_ballot(written);
    if (!again || !(train::to_predicate(*again) == written)) std::abort();
  }
  if (const auto request = train::parse_exception_request(*json)) {
    const auto again = train::parse_exception_request(train::to_predicate(*request, "id"));
    if (!again || !(again->scope == request->scope) || !(again->target == request->target) ||
        again->expires != request->expires)
      std::abort();
  }
  if (const auto claim = train::parse_exception_approval(*json)) {
    signalbox::gates::ExceptionRequest request = claim->copy;
    request.index = claim->request;
    const auto again =
        train::parse_exception_approval(train::to_predicate(request, signalbox::gates::ExceptionApproval{}));
    if (!again || again->request != claim->request) std::abort();
  }
  (void)train::parse_exception_audit(*json);
  return 0;
}

// Fields of the JSON form of protocol buffers, as Sigstore's documents have them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/clock.hpp"
#include "core/base/json.hpp"
#include "core/base/result.hpp"

namespace signalbox::evidence::sigstore {

// `bytes`: base64, not empty, at most that many octets.
Result<std::string> octets_field(const Json& value, std::string_view where, std::size_t most);
// `int64`, not negative: a decimal text, or a number.
Result<std::uint64_t> number_field(const Json& value, std::string_view where);
// `google.protobuf.Timestamp`.
Result<Time> time_field(const Json& value, std::string_view where);
// A list with at most that many items; absent is empty.
Result<const Json::Array*> list_field(const Json& value, std::string_view where, std::size_t most);

}  // namespace signalbox::evidence::sigstore

#include "instruments/profile/exchange/grpc_web.hpp"

#include <cstdint>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "core/base/encoding.hpp"
#include "core/base/text.hpp"

namespace signalbox::profile {
namespace {

constexpr std::size_t kFrameHeadBytes = 5;
constexpr unsigned char kTrailerFlag = 0x80;

Result<GrpcStatus> status_of(std::string_view code, std::string_view message) {
  constexpr long long kHighestCode = 16;
  const auto number = parse_integer(trim(code));
  if (!number || *number < 0 || *number > kHighestCode)
    return fail(ErrorKind::bad_input, fmt::format("the grpc-status is no number from 0 to {}", kHighestCode));
  return GrpcStatus{static_cast<int>(*number), from_percent(trim(message))};
}

std::string_view field_of(std::string_view trailer, std::string_view name) {
  for (const std::string_view line : lines(trailer)) {
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && to_lower(line.substr(0, colon)) == name)
      return line.substr(colon + 1);
  }
  return {};
}

}  // namespace

Result<std::string> grpc_web_frame(std::string_view message) {
  if (message.size() > std::numeric_limits<std::uint32_t>::max())
    return fail(ErrorKind::bad_input, "a message of more than 4 GiB");
  std::string out(kFrameHeadBytes, '\0');
  for (std::size_t i = 0; i < 4; ++i) out[1 + i] = static_cast<char>(message.size() >> (24 - 8 * i));
  out += message;
  return out;
}

Result<GrpcStatus> grpc_status(const std::map<std::string, std::string, std::less<>>& headers,
                               std::string_view body) {
  while (body.size() >= kFrameHeadBytes) {
    std::size_t length = 0;
    for (std::size_t i = 1; i < kFrameHeadBytes; ++i)
      length = length << 8 | static_cast<unsigned char>(body[i]);
    const bool is_trailer = (static_cast<unsigned char>(body[0]) & kTrailerFlag) != 0;
    body.remove_prefix(kFrameHeadBytes);
    if (length > body.size()) return fail(ErrorKind::bad_input, "the answer ends inside a frame");
    if (is_trailer) {
      const std::string_view trailer = body.substr(0, length);
      return status_of(field_of(trailer, "grpc-status"), field_of(trailer, "grpc-message"));
    }
    body.remove_prefix(length);
  }
  const auto code = headers.find("grpc-status");
  if (code == headers.end()) return fail(ErrorKind::bad_input, "the answer has no grpc-status");
  const auto message = headers.find("grpc-message");
  return status_of(code->second, message == headers.end() ? std::string_view() : message->second);
}

}  // namespace signalbox::profile

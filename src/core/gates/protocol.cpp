#include "core/gates/protocol.hpp"

#include <algorithm>
#include <utility>

namespace signalbox::gates::protocol {
namespace {

void put(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>((value >> shift) & 0xff);
}

void put(std::string& out, std::string_view octets) {
  put(out, static_cast<std::uint32_t>(octets.size()));
  out += octets;
}

std::optional<std::uint32_t> take_number(std::string_view& rest) {
  if (rest.size() < 4) return std::nullopt;
  const std::uint32_t value = frame_length(rest);
  rest.remove_prefix(4);
  return value;
}

std::optional<std::string> take_octets(std::string_view& rest) {
  const auto length = take_number(rest);
  if (!length || *length > rest.size()) return std::nullopt;
  std::string out(rest.substr(0, *length));
  rest.remove_prefix(*length);
  return out;
}

std::string framed(const std::string& body) {
  std::string out;
  put(out, std::string_view(body));
  return out;
}

}  // namespace

std::uint32_t frame_length(std::string_view header) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = (value << 8) | static_cast<unsigned char>(header[i]);
  return value;
}

std::string write_request(const Request& request) {
  std::string body;
  put(body, static_cast<std::uint32_t>(request.deadline.count()));
  put(body, request.count);
  put(body, std::string_view(request.expression));
  put(body, std::string_view(request.input));
  put(body, std::string_view(request.variants));
  return framed(body);
}

std::string write_answer(const Answer& answer) {
  const std::string_view message = std::string_view(answer.message).substr(0, kMaxMessageBytes);
  return framed(std::string(1, static_cast<char>(answer.kind)).append(message));
}

std::optional<Request> read_request(std::string_view body) {
  const auto deadline = take_number(body);
  const auto count = take_number(body);
  auto expression = take_octets(body);
  auto input = take_octets(body);
  auto variants = take_octets(body);
  if (!deadline || !count || !expression || !input || !variants || !body.empty()) return std::nullopt;
  Request request;
  request.deadline =
      std::clamp(std::chrono::milliseconds(*deadline), std::chrono::milliseconds(1), kMaxDeadline);
  request.count = *count;
  request.expression = std::move(*expression);
  request.input = std::move(*input);
  request.variants = std::move(*variants);
  return request;
}

std::optional<Answer> read_answer(std::string_view body) {
  if (body.empty() || body.size() > kMaxMessageBytes + 1) return std::nullopt;
  const auto kind = static_cast<std::uint8_t>(body.front());
  if (kind >= kKinds) return std::nullopt;
  return Answer{static_cast<Kind>(kind), std::string(body.substr(1))};
}

}  // namespace signalbox::gates::protocol

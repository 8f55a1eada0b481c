// What a client and signalbox-condition say to each other, as octets. A request is one frame; its answer is a
// frame for each variant, in order. Needs nothing but the standard library.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace signalbox::gates::protocol {

inline constexpr std::size_t kMaxRequestBytes = std::size_t{64} << 20;
inline constexpr std::size_t kMaxAnswerBytes = std::size_t{64} << 10;
inline constexpr std::size_t kMaxMessageBytes = std::size_t{4} << 10;
inline constexpr std::size_t kFrameHeaderBytes = 4;
inline constexpr std::chrono::milliseconds kMaxDeadline{2000};

// One condition to be evaluated over one input and its variants.
struct Request {
  std::chrono::milliseconds deadline{250};  // of each evaluation
  std::string expression;
  std::string input;  // JSON
  // JSON: an array of {"paths": [path…], "value": any}, each path an array of keys and positions. A variant
  // is the input with `value` at each path, or without them where there is no "value".
  std::string variants;
  std::uint32_t count = 0;  // of the variants: so many answers come
};

// The numbers are the protocol; gates::Answer::Kind has them in the same order.
enum class Kind : std::uint8_t { yes, no, error, timeout, memory, not_boolean, refused };
inline constexpr std::uint8_t kKinds = 7;

struct Answer {
  Kind kind = Kind::error;
  std::string message;  // at most kMaxMessageBytes
};

// With the frame's header.
std::string write_request(const Request& request);
std::string write_answer(const Answer& answer);

// How many octets follow the four of a frame's header.
std::uint32_t frame_length(std::string_view header);
// Without the header. Nothing where the octets are no request, no answer.
std::optional<Request> read_request(std::string_view body);
std::optional<Answer> read_answer(std::string_view body);

}  // namespace signalbox::gates::protocol

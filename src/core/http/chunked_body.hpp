// The chunked transfer coding, RFC 9112, section 7.1: chunks become a body. Reads octet by octet, so that
// what comes out does not depend on how the octets arrive. (Beast 1.81 aborts on fields behind the last
// chunk.)
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/http/header_lines.hpp"

namespace signalbox::http {

class ChunkedBody {
 public:
  // too_large: the body would exceed its limit. malformed: `why` says what.
  enum class State { reading, complete, too_large, malformed };

  // `max_line_bytes`: of a chunk's size with its extensions, and of all fields behind the last chunk
  // together.
  ChunkedBody(std::size_t max_line_bytes, std::size_t max_body_bytes)
      : max_line_bytes_(max_line_bytes), max_body_bytes_(max_body_bytes) {}

  // Uses up octets from the front, all of them while reading, and adds what they hold to `body`.
  std::size_t put(std::string_view octets, std::string& body);
  State state() const { return state_; }
  std::string_view why() const { return why_; }

 private:
  enum class Part { size, extension, size_end, data, data_return, data_end, trailers };

  void see(char c);  // outside of data
  void see_size(char c);
  void see_extension(char c);
  void end_size();
  void see_trailer(char c);
  void refuse(std::string_view why);

  std::size_t max_line_bytes_;
  std::size_t max_body_bytes_;
  State state_ = State::reading;
  Part part_ = Part::size;
  std::string_view why_;
  std::uint64_t left_ = 0;        // of the chunk: while its size is read, that size
  std::uint64_t body_bytes_ = 0;  // of all chunks so far, this one included
  std::size_t size_digits_ = 0;
  std::size_t line_bytes_ = 0;
  HeaderLines lines_;
  bool in_name_ = false;  // of a trailer's line: before its colon
  std::size_t name_bytes_ = 0;
};

}  // namespace signalbox::http

#include "core/http/chunked_body.hpp"

#include <algorithm>

namespace signalbox::http {
namespace {

constexpr std::size_t kMaxSizeDigits = 16;

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// RFC 9110, section 5.6.2.
bool is_token_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_control(char c) {
  return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
}

}  // namespace

std::size_t ChunkedBody::put(std::string_view octets, std::string& body) {
  std::size_t used = 0;
  while (used < octets.size() && state_ == State::reading) {
    if (part_ != Part::data) {
      see(octets[used++]);
      continue;
    }
    const std::size_t here = static_cast<std::size_t>(std::min<std::uint64_t>(left_, octets.size() - used));
    body.append(octets.substr(used, here));
    used += here;
    left_ -= here;
    if (left_ == 0) part_ = Part::data_return;
  }
  return used;
}

void ChunkedBody::see(char c) {
  switch (part_) {
    case Part::size:
      return see_size(c);
    case Part::extension:
      return see_extension(c);
    case Part::size_end:
      return c == '\n' ? end_size() : refuse("a chunk's size does not end with CR LF");
    case Part::data:
      return;
    case Part::data_return:
      part_ = Part::data_end;
      return c == '\r' ? void() : refuse("a chunk is longer than its size");
    case Part::data_end:
      part_ = Part::size;
      return c == '\n' ? void() : refuse("a chunk does not end with CR LF");
    case Part::trailers:
      return see_trailer(c);
  }
}

void ChunkedBody::see_size(char c) {
  const int value = hex_value(c);
  if (value >= 0) {
    if (++size_digits_ > kMaxSizeDigits) return refuse("a chunk's size has too many digits");
    left_ = left_ * 16 + static_cast<std::uint64_t>(value);
    return;
  }
  if (size_digits_ == 0) return refuse("a chunk's size is no hexadecimal number");
  if (c == '\r') {
    part_ = Part::size_end;
  } else if (c == ';' || c == ' ' || c == '\t') {
    part_ = Part::extension;
    line_bytes_ = size_digits_ + 1;
  } else {
    refuse("a chunk's size is no hexadecimal number");
  }
}

// What stands there is passed over; a lone LF in it would end the line for some readers.
void ChunkedBody::see_extension(char c) {
  if (c == '\r') {
    part_ = Part::size_end;
  } else if (is_control(c)) {
    refuse("a chunk's extension holds a control character");
  } else if (++line_bytes_ > max_line_bytes_) {
    refuse("a chunk's header is too large");
  }
}

void ChunkedBody::end_size() {
  size_digits_ = 0;
  line_bytes_ = 0;
  if (left_ == 0) {
    part_ = Part::trailers;
    in_name_ = true;
    return;
  }
  if (left_ > max_body_bytes_ || body_bytes_ > max_body_bytes_ - left_) {
    state_ = State::too_large;
    return;
  }
  body_bytes_ += left_;
  part_ = Part::data;
}

void ChunkedBody::see_trailer(char c) {
  if (++line_bytes_ > max_line_bytes_) return refuse("the fields behind the last chunk are too large");
  switch (lines_.see(c)) {
    case HeaderLines::Seen::wrong:
      return refuse("the fields behind the last chunk have a malformed line");
    case HeaderLines::Seen::end:
      state_ = State::complete;
      return;
    case HeaderLines::Seen::nothing:
      break;
  }
  if (c == '\r' || c == '\n') {
    const bool is_empty_line = in_name_ && name_bytes_ == 0;
    if (c == '\r' && in_name_ && !is_empty_line) return refuse("a field behind the last chunk has no colon");
    in_name_ = true;
    name_bytes_ = 0;
  } else if (in_name_ && c == ':' && name_bytes_ > 0) {
    in_name_ = false;
  } else if (in_name_ && !is_token_character(c)) {
    refuse("the name of a field behind the last chunk is malformed");
  } else if (in_name_) {
    ++name_bytes_;
  }
}

void ChunkedBody::refuse(std::string_view why) {
  state_ = State::malformed;
  why_ = why;
}

}  // namespace signalbox::http

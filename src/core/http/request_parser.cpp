#include "core/http/request_parser.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include "core/base/text.hpp"
#include "core/http/target.hpp"

namespace signalbox::http {
namespace {

namespace beast = boost::beast;

std::string_view view(beast::string_view text) {
  return {text.data(), text.size()};
}

std::optional<Method> method_of(beast::http::verb verb) {
  switch (verb) {
    case beast::http::verb::get:
      return Method::get;
    case beast::http::verb::head:
      return Method::head;
    case beast::http::verb::post:
      return Method::post;
    case beast::http::verb::put:
      return Method::put;
    case beast::http::verb::patch:
      return Method::patch;
    case beast::http::verb::delete_:
      return Method::del;
    case beast::http::verb::options:
      return Method::options;
    default:
      return std::nullopt;
  }
}

// Fields that say who asks, or where the request ends: two of them are two opinions.
bool must_be_single(std::string_view name) {
  static constexpr std::array kSingle{"host",          "authorization",     "origin",
                                      "content-type",  "content-length",    "transfer-encoding",
                                      "last-event-id", "x-forwarded-proto", "expect"};
  return std::find(kSingle.begin(), kSingle.end(), name) != kSingle.end();
}

// Looks at the octets of a header as lines: only CR LF ends a line, no line goes on in the next (obs-fold),
// no control characters.
class HeaderLines {
 public:
  enum class Seen { nothing, end, wrong };
  Seen see(char c) {
    const char before = std::exchange(before_, c);
    if (c == '\n') {
      if (before != '\r') return Seen::wrong;
      const bool empty = std::exchange(in_line_, 0) == 0;
      return empty ? Seen::end : Seen::nothing;
    }
    if (before == '\r') return Seen::wrong;
    if (c == '\r') return Seen::nothing;
    if (in_line_ == 0 && (c == ' ' || c == '\t')) return Seen::wrong;
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f) return Seen::wrong;
    ++in_line_;
    return Seen::nothing;
  }

 private:
  char before_ = 0;
  std::size_t in_line_ = 0;
};

}  // namespace

// Beast's parser, which gives the request piece by piece to the functions on_….
class RequestParser::Impl final : public beast::http::basic_parser<true> {
 public:
  Impl(std::size_t max_header_bytes, std::size_t max_body_bytes) : max_header_bytes_(max_header_bytes) {
    header_limit(static_cast<std::uint32_t>(max_header_bytes + 1));
    body_limit(max_body_bytes);
  }

  std::size_t read_header(std::string_view octets) {
    if (scanned_ == 0 && !skipped_empty_line_ && octets == "\r") return 0;
    if (scanned_ == 0 && !skipped_empty_line_ && octets.starts_with("\r\n")) {
      skipped_empty_line_ = true;  // RFC 9112, 2.2: one before the request line is passed over
      return 2;
    }
    for (; scanned_ < octets.size(); ++scanned_) {
      if (scanned_ >= max_header_bytes_) return refuse(431, "the header is too large");
      const HeaderLines::Seen seen = lines_.see(octets[scanned_]);
      if (seen == HeaderLines::Seen::wrong) return refuse(400, "the header has a malformed line");
      if (seen == HeaderLines::Seen::end) return parse_header(octets.substr(0, scanned_ + 1));
    }
    return 0;
  }

  // In windows, so that a chunk's header or the fields behind the last chunk can be as long as a window,
  // however they arrive.
  std::size_t read_body(std::string_view octets) {
    eager(true);
    std::size_t total = 0;
    while (state_ == State::body && total < octets.size()) {
      const std::string_view window = octets.substr(total, max_header_bytes_);
      beast::error_code error;
      const std::size_t used = put(boost::asio::buffer(window), error);
      if (error && error != beast::http::error::need_more) return refuse(error);
      total += used;
      if (is_done()) state_ = State::complete;
      if (used > 0 || is_done()) continue;
      if (window.size() == max_header_bytes_) return refuse(400, "a chunk's header is too large");
      break;
    }
    return total;
  }

  State state() const { return state_; }
  const Response& failure() const { return failure_; }
  std::size_t body_bytes() const { return received_.request.body.size(); }
  const ReceivedRequest& received() const { return received_; }
  bool expects_continue() const { return expects_continue_; }
  ReceivedRequest take() {
    received_.keep_alive = keep_alive();
    return std::move(received_);
  }

 private:
  std::size_t parse_header(std::string_view header) {
    beast::error_code error;
    eager(false);
    const std::size_t used = put(boost::asio::buffer(header), error);
    if (error) return refuse(error);
    if (used != header.size() || !is_header_done()) return refuse(400, "the header is malformed");
    judge_header();
    if (state_ != State::failed) state_ = is_done() ? State::complete : State::body;
    return used;
  }

  std::size_t refuse(int status, std::string_view why) {
    if (state_ != State::failed)
      failure_ = Response::problem(status, {ErrorKind::bad_input, std::string(why), ""});
    state_ = State::failed;
    return 0;
  }

  std::size_t refuse(const beast::error_code& error) {
    if (state_ == State::failed) return 0;
    if (error == beast::http::error::header_limit) return refuse(431, "the header is too large");
    if (error == beast::http::error::body_limit) return refuse(413, "the body is too large");
    return refuse(400, "the request is malformed: " + error.message());
  }

  // What Beast lets through and RFC 9112 does not, or what we do not do.
  void judge_header() {
    const auto& headers = received_.request.headers;
    if (!is_known_method_) refuse(501, "the method is not known here");
    if (!duplicate_.empty()) refuse(400, duplicate_ + " is there twice");
    if (!received_.is_http10 && !headers.contains("host")) refuse(400, "there is no Host");
    const auto encoding = headers.find("transfer-encoding");
    if (encoding != headers.end()) {
      if (received_.is_http10 || headers.contains("content-length"))
        refuse(400, "the request says in two ways where it ends");
      if (to_lower(encoding->second) != "chunked") refuse(501, "the transfer encoding is not known here");
    }
    if (const auto length = headers.find("content-length"); length != headers.end()) {
      if (length->second.find_first_not_of("0123456789") != std::string::npos)
        refuse(400, "Content-Length is not a number");
    }
    judge_expectation();
    read_target();
  }

  void judge_expectation() {
    const auto found = received_.request.headers.find("expect");
    if (found == received_.request.headers.end()) return;
    if (to_lower(found->second) != "100-continue") refuse(417, "only 100-continue can be expected");
    expects_continue_ = !received_.is_http10 && !is_done();
  }

  void read_target() {
    Request& request = received_.request;
    Result<Target> target = http::parse_target(request.path);
    if (!target) {
      refuse(400, target.error().message);
      return;
    }
    if (target->segments.empty() && request.method != Method::options) refuse(400, "the address: no path");
    if (!target->authority.empty()) request.headers["host"] = target->authority;
    request.path = std::move(target->path);
    request.query = std::move(target->query);
    received_.segments = std::move(target->segments);
  }

  void on_request_impl(beast::http::verb verb, beast::string_view, beast::string_view target, int version,
                       beast::error_code&) override {
    const std::optional<Method> method = method_of(verb);
    is_known_method_ = method.has_value();
    received_.request.method = method.value_or(Method::get);
    received_.request.path = view(target);
    received_.is_http10 = version == 10;
  }
  void on_response_impl(int, beast::string_view, int, beast::error_code&) override {}
  void on_field_impl(beast::http::field, beast::string_view name, beast::string_view value,
                     beast::error_code&) override {
    if (header_done_) return;  // fields behind the last chunk say nothing
    std::string key = to_lower(view(name));
    const auto [place, is_new] = received_.request.headers.try_emplace(std::move(key), view(value));
    if (is_new) return;
    if (must_be_single(place->first)) duplicate_ = place->first;
    place->second += place->first == "cookie" ? "; " : ", ";
    place->second += view(value);
  }
  void on_header_impl(beast::error_code&) override { header_done_ = true; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, beast::error_code&) override {}
  std::size_t on_body_impl(beast::string_view body, beast::error_code&) override {
    received_.request.body += view(body);
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t, beast::string_view extensions, beast::error_code& error) override {
    // A lone LF in here ends the line for some readers.
    const auto is_control = [](char c) {
      return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
    };
    if (std::any_of(extensions.begin(), extensions.end(), is_control))
      error = beast::http::error::bad_chunk_extension;
  }
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view body, beast::error_code&) override {
    received_.request.body += view(body);
    return body.size();
  }
  void on_finish_impl(beast::error_code&) override {}

  std::size_t max_header_bytes_;
  State state_ = State::header;
  HeaderLines lines_;
  std::size_t scanned_ = 0;
  bool skipped_empty_line_ = false;
  bool header_done_ = false;
  bool is_known_method_ = true;
  bool expects_continue_ = false;
  std::string duplicate_;  // the name of a field that must be single and is not
  ReceivedRequest received_;
  Response failure_;
};

RequestParser::RequestParser(std::size_t max_header_bytes, std::size_t max_body_bytes)
    : max_header_bytes_(max_header_bytes), max_body_bytes_(max_body_bytes) {
  reset();
}
RequestParser::~RequestParser() = default;

std::size_t RequestParser::put(std::string_view octets) {
  switch (impl_->state()) {
    case State::header:
      return impl_->read_header(octets);
    case State::body:
      return impl_->read_body(octets);
    case State::complete:
    case State::failed:
      break;
  }
  return 0;
}

RequestParser::State RequestParser::state() const {
  return impl_->state();
}
const ReceivedRequest& RequestParser::received() const {
  return impl_->received();
}
bool RequestParser::expects_continue() const {
  return impl_->expects_continue();
}
std::size_t RequestParser::body_bytes() const {
  return impl_->body_bytes();
}
const Response& RequestParser::failure() const {
  return impl_->failure();
}
ReceivedRequest RequestParser::take() {
  return impl_->take();
}
void RequestParser::reset() {
  impl_ = std::make_unique<Impl>(max_header_bytes_, max_body_bytes_);
}

}  // namespace signalbox::http

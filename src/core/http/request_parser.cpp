#include "core/http/request_parser.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include "core/base/text.hpp"
#include "core/http/chunked_body.hpp"
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

}  // namespace

// Beast's parser of the header, which it gives piece by piece to the functions on_…; the body is read here.
class RequestParser::Impl final : public beast::http::basic_parser<true> {
 public:
  Impl(std::size_t max_header_bytes, std::size_t max_body_bytes)
      : max_header_bytes_(max_header_bytes), max_body_bytes_(max_body_bytes) {
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

  std::size_t read_body(std::string_view octets) {
    return chunks_ ? read_chunks(octets) : read_counted(octets);
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
    if (state_ != State::failed) begin_body();
    return used;
  }

  std::size_t read_counted(std::string_view octets) {
    const std::size_t used = static_cast<std::size_t>(std::min<std::uint64_t>(body_left_, octets.size()));
    received_.request.body += octets.substr(0, used);
    body_left_ -= used;
    if (body_left_ == 0) state_ = State::complete;
    return used;
  }

  std::size_t read_chunks(std::string_view octets) {
    const std::size_t used = chunks_->put(octets, received_.request.body);
    switch (chunks_->state()) {
      case ChunkedBody::State::reading:
        break;
      case ChunkedBody::State::complete:
        state_ = State::complete;
        break;
      case ChunkedBody::State::too_large:
        return refuse(413, "the body is too large");
      case ChunkedBody::State::malformed:
        return refuse(400, chunks_->why());
    }
    return used;
  }

  // How the body ends: RFC 9112, section 6.3.
  void begin_body() {
    if (chunked()) {
      chunks_.emplace(max_header_bytes_, max_body_bytes_);
      state_ = State::body;
    } else {
      body_left_ = content_length().value_or(0);
      state_ = body_left_ > 0 ? State::body : State::complete;
    }
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
    expects_continue_ = !received_.is_http10 && (chunked() || content_length().value_or(0) > 0);
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
    std::string key = to_lower(view(name));
    const auto [place, is_new] = received_.request.headers.try_emplace(std::move(key), view(value));
    if (is_new) return;
    if (must_be_single(place->first)) duplicate_ = place->first;
    place->second += place->first == "cookie" ? "; " : ", ";
    place->second += view(value);
  }
  void on_header_impl(beast::error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, beast::error_code&) override {}
  // Never called: what follows the header is not given to Beast.
  std::size_t on_body_impl(beast::string_view, beast::error_code&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, beast::error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view, beast::error_code&) override { return 0; }
  void on_finish_impl(beast::error_code&) override {}

  std::size_t max_header_bytes_;
  std::size_t max_body_bytes_;
  State state_ = State::header;
  std::optional<ChunkedBody> chunks_;
  std::uint64_t body_left_ = 0;  // where it is counted
  HeaderLines lines_;
  std::size_t scanned_ = 0;
  bool skipped_empty_line_ = false;
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

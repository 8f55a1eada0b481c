#include "core/http/answer_header.hpp"

#include <array>
#include <charconv>

#include <fmt/core.h>

namespace signalbox::http {
namespace {

struct Default {
  std::string_view name;
  std::string_view line;
};
constexpr std::array kDefaults{
    Default{"Cache-Control", "Cache-Control: no-store\r\n"},
    Default{"X-Content-Type-Options", "X-Content-Type-Options: nosniff\r\n"},
    Default{"Content-Security-Policy",
            "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"},
    Default{"Referrer-Policy", "Referrer-Policy: no-referrer\r\n"},
    Default{"Cross-Origin-Resource-Policy", "Cross-Origin-Resource-Policy: same-origin\r\n"},
};

void append_value(std::string& out, std::string_view value) {
  for (const char c : value) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  append_value(out, name);
  out += ": ";
  append_value(out, value);
  out += "\r\n";
}

void append_number(std::string& out, std::size_t number) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

}  // namespace

void write_header(std::string& out, const Response& response, const Framing& framing) {
  out += "HTTP/1.1 ";
  append_number(out, static_cast<std::size_t>(response.status));
  out.append(" ").append(reason_phrase(response.status)).append("\r\nServer: signalbox\r\nDate: ");
  out.append(framing.date).append("\r\n");
  if (framing.content_length) {
    out += "Content-Length: ";
    append_number(out, *framing.content_length);
    out += "\r\n";
  }
  if (!response.content_type.empty()) append_field(out, "Content-Type", response.content_type);
  if (!framing.keep_alive) {
    out += "Connection: close\r\n";
  } else if (framing.is_http10) {
    out += "Connection: keep-alive\r\n";
  }
  if (response.status >= 400 && !framing.request_id.empty())
    append_field(out, "X-Request-Id", framing.request_id);
  for (const Default& field : kDefaults) {
    if (response.headers.empty() || response.header(field.name) == nullptr) out += field.line;
  }
  for (const auto& [name, value] : response.headers) append_field(out, name, value);
  out += "\r\n";
}

std::string http_date(std::chrono::sys_seconds time) {
  using namespace std::chrono;
  static constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[weekday(day).c_encoding()],
                     unsigned(date.day()), kMonths[unsigned(date.month()) - 1], int(date.year()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

}  // namespace signalbox::http

#include "core/base/json.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_set>

#include <fmt/format.h>

#include "core/base/text.hpp"

namespace signalbox {
namespace {

const Json kNull;
const Json::Array kNoItems;
const Json::Object kNoMembers;
constexpr std::int64_t kMaxExact = std::int64_t{1} << 53;

void write_string(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += "\\u00";
          out += digits[static_cast<unsigned char>(c) >> 4];
          out += digits[static_cast<unsigned char>(c) & 15];
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

// ECMAScript Number::toString (ECMA-262 6.1.6.1.20), which RFC 8785 asks for; NaN and infinities have no JSON
// form and become null.
void write_number(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  if (value == 0) {
    out += '0';
    return;
  }
  char buffer[32];
  const auto end =
      std::to_chars(buffer, buffer + sizeof buffer, std::abs(value), std::chars_format::scientific).ptr;
  const std::string_view shortest(buffer, static_cast<std::size_t>(end - buffer));
  const std::size_t e = shortest.find('e');
  std::string digits(1, shortest[0]);
  if (e > 2) digits += shortest.substr(2, e - 2);
  std::string_view exponent_text = shortest.substr(e + 1);
  if (exponent_text.front() == '+') exponent_text.remove_prefix(1);
  const int n = static_cast<int>(*parse_integer(exponent_text)) + 1;
  const int k = static_cast<int>(digits.size());
  if (value < 0) out += '-';
  if (k <= n && n <= 21) {
    out += digits;
    out.append(static_cast<std::size_t>(n - k), '0');
  } else if (0 < n && n <= 21) {
    out += digits.substr(0, static_cast<std::size_t>(n)) + "." + digits.substr(static_cast<std::size_t>(n));
  } else if (-6 < n && n <= 0) {
    out += "0.";
    out.append(static_cast<std::size_t>(-n), '0');
    out += digits;
  } else {
    out += digits[0];
    if (k > 1) out += "." + digits.substr(1);
    out += fmt::format("e{}{}", n > 0 ? "+" : "-", std::abs(n - 1));
  }
}

std::u16string utf16(std::string_view text) {
  std::u16string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto at = [&](std::size_t k) {
      return i + k < text.size() ? static_cast<std::uint32_t>(static_cast<unsigned char>(text[i + k])) : 0U;
    };
    const std::uint32_t first = at(0);
    std::uint32_t c = first;
    std::size_t length = 1;
    if (first >= 0xF0) {
      c = (first & 7) << 18 | (at(1) & 63) << 12 | (at(2) & 63) << 6 | (at(3) & 63);
      length = 4;
    } else if (first >= 0xE0) {
      c = (first & 15) << 12 | (at(1) & 63) << 6 | (at(2) & 63);
      length = 3;
    } else if (first >= 0xC0) {
      c = (first & 31) << 6 | (at(1) & 63);
      length = 2;
    }
    if (c >= 0x10000) {
      out += static_cast<char16_t>(0xD800 + ((c - 0x10000) >> 10));
      out += static_cast<char16_t>(0xDC00 + ((c - 0x10000) & 0x3FF));
    } else {
      out += static_cast<char16_t>(c);
    }
    i += length;
  }
  return out;
}

enum class Style { compact, pretty, canonical };

void write(std::string& out, const Json& value, Style style, int depth);

void line_break(std::string& out, Style style, int depth) {
  if (style != Style::pretty) return;
  out += '\n';
  out.append(static_cast<std::size_t>(depth) * 2, ' ');
}

void write_object(std::string& out, const Json::Object& members, Style style, int depth) {
  if (members.empty()) {
    out += "{}";
    return;
  }
  std::vector<const Json::Member*> order;
  order.reserve(members.size());
  for (const Json::Member& member : members) order.push_back(&member);
  if (style == Style::canonical) {
    const bool ascii = std::all_of(members.begin(), members.end(), [](const Json::Member& member) {
      return std::all_of(member.first.begin(), member.first.end(),
                         [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    });
    std::sort(order.begin(), order.end(), [ascii](const Json::Member* a, const Json::Member* b) {
      return ascii ? a->first < b->first : utf16(a->first) < utf16(b->first);
    });
  }
  out += '{';
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i != 0) out += ',';
    line_break(out, style, depth + 1);
    write_string(out, order[i]->first);
    out += style == Style::pretty ? ": " : ":";
    write(out, order[i]->second, style, depth + 1);
  }
  line_break(out, style, depth);
  out += '}';
}

void write(std::string& out, const Json& value, Style style, int depth) {
  if (value.is_null()) {
    out += "null";
  } else if (value.is_bool()) {
    out += value.as_bool() ? "true" : "false";
  } else if (value.is_integer()) {
    out += fmt::format_int(value.as_integer()).c_str();
  } else if (value.is_number()) {
    write_number(out, value.as_number());
  } else if (value.is_string()) {
    write_string(out, value.as_string());
  } else if (value.is_array()) {
    if (value.items().empty()) {
      out += "[]";
      return;
    }
    out += '[';
    for (std::size_t i = 0; i < value.items().size(); ++i) {
      if (i != 0) out += ',';
      line_break(out, style, depth + 1);
      write(out, value.items()[i], style, depth + 1);
    }
    line_break(out, style, depth);
    out += ']';
  } else {
    write_object(out, value.members(), style, depth);
  }
}

}  // namespace

Json::Json() noexcept = default;
Json::Json(bool value) : value_(value) {}
Json::Json(long value) : value_(static_cast<std::int64_t>(value)) {}
Json::Json(double value) : value_(value) {}
Json::Json(std::string value) : value_(std::move(value)) {}
Json::Json(std::string_view value) : value_(std::string(value)) {}
Json::Json(Array value) : value_(std::move(value)) {}
Json::Json(Object value) : value_(std::move(value)) {}
Json::Json(const Json& other) = default;
Json::Json(Json&& other) noexcept = default;
Json& Json::operator=(const Json& other) = default;
Json& Json::operator=(Json&& other) noexcept = default;
Json::~Json() = default;

Json Json::array() {
  return Json(Array{});
}
Json Json::object() {
  return Json(Object{});
}
Json Json::object(std::initializer_list<Member> members) {
  return Json(Object(members));
}

bool Json::is_null() const {
  return std::holds_alternative<std::monostate>(value_);
}
bool Json::is_bool() const {
  return std::holds_alternative<bool>(value_);
}
bool Json::is_integer() const {
  return std::holds_alternative<std::int64_t>(value_);
}
bool Json::is_number() const {
  return is_integer() || std::holds_alternative<double>(value_);
}
bool Json::is_string() const {
  return std::holds_alternative<std::string>(value_);
}
bool Json::is_array() const {
  return std::holds_alternative<Array>(value_);
}
bool Json::is_object() const {
  return std::holds_alternative<Object>(value_);
}

bool Json::as_bool(bool fallback) const {
  const bool* value = std::get_if<bool>(&value_);
  return value == nullptr ? fallback : *value;
}

std::int64_t Json::as_integer(std::int64_t fallback) const {
  if (const auto* value = std::get_if<std::int64_t>(&value_)) return *value;
  if (const auto* value = std::get_if<double>(&value_);
      value != nullptr && std::abs(*value) <= static_cast<double>(kMaxExact)) {
    if (std::floor(*value) == *value) return static_cast<std::int64_t>(*value);
  }
  return fallback;
}

double Json::as_number(double fallback) const {
  if (const auto* value = std::get_if<std::int64_t>(&value_)) return static_cast<double>(*value);
  const auto* value = std::get_if<double>(&value_);
  return value == nullptr ? fallback : *value;
}

std::string_view Json::as_string(std::string_view fallback) const {
  const auto* value = std::get_if<std::string>(&value_);
  return value == nullptr ? fallback : std::string_view(*value);
}

const Json::Array& Json::items() const {
  const auto* value = std::get_if<Array>(&value_);
  return value == nullptr ? kNoItems : *value;
}

const Json::Object& Json::members() const {
  const auto* value = std::get_if<Object>(&value_);
  return value == nullptr ? kNoMembers : *value;
}

Json::Array& Json::items() {
  if (!is_array()) value_ = Array{};
  return std::get<Array>(value_);
}

Json::Object& Json::members() {
  if (!is_object()) value_ = Object{};
  return std::get<Object>(value_);
}

const Json* Json::find(std::string_view key) const {
  for (const Member& member : members()) {
    if (member.first == key) return &member.second;
  }
  return nullptr;
}

const Json& Json::operator[](std::string_view key) const {
  const Json* value = find(key);
  return value == nullptr ? kNull : *value;
}

void Json::set(std::string key, Json value) {
  for (Member& member : members()) {
    if (member.first == key) {
      member.second = std::move(value);
      return;
    }
  }
  members().emplace_back(std::move(key), std::move(value));
}

void Json::push_back(Json value) {
  items().push_back(std::move(value));
}

std::size_t Json::size() const {
  return is_array() ? items().size() : members().size();
}

bool Json::operator==(const Json& other) const {
  if (is_number() && other.is_number()) {
    if (is_integer() && other.is_integer()) return as_integer() == other.as_integer();
    return as_number() == other.as_number();
  }
  if (is_object() && other.is_object()) {
    if (size() != other.size()) return false;
    return std::all_of(members().begin(), members().end(), [&](const Member& member) {
      const Json* match = other.find(member.first);
      return match != nullptr && *match == member.second;
    });
  }
  return value_ == other.value_;
}

std::string Json::dump() const {
  std::string out;
  write(out, *this, Style::compact, 0);
  return out;
}

std::string Json::pretty() const {
  std::string out;
  write(out, *this, Style::pretty, 0);
  return out;
}

std::string Json::canonical() const {
  std::string out;
  write(out, *this, Style::canonical, 0);
  return out;
}

}  // namespace signalbox

#include "core/config/config.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/config/value.hpp"

namespace signalbox::config {

namespace {

bool looks_like_bool(std::string_view text) {
  return text == "true" || text == "True" || text == "TRUE" || text == "false" || text == "False" ||
         text == "FALSE";
}

std::optional<double> parse_number(std::string_view text) {
  double value = 0;
  if (text.empty() || text.front() == '+') return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  const char last = text.back();
  if (last < '0' || last > '9') return std::nullopt;  // "inf", "nan", "1."
  return value;
}

}  // namespace

bool Node::exists() const {
  return value_ != nullptr && !absent_ && value_->kind != Value::Kind::null;
}
bool Node::is_map() const {
  return value_ != nullptr && !absent_ && value_->kind == Value::Kind::map;
}
bool Node::is_list() const {
  return value_ != nullptr && !absent_ && value_->kind == Value::Kind::list;
}
bool Node::is_scalar() const {
  return value_ != nullptr && !absent_ && value_->kind == Value::Kind::scalar;
}
std::string Node::where() const {
  return value_ == nullptr ? "" : fmt::format("{}:{}:{}", *value_->file, value_->line, value_->column);
}
std::string Node::path() const {
  if (value_ == nullptr) return absent_.value_or("");
  if (!absent_) return value_->path;
  return value_->path.empty() ? *absent_ : value_->path + "." + *absent_;
}

Node Node::operator[](std::string_view key) const {
  Node out;
  if (is_map()) {
    for (const auto& [name, value] : value_->members) {
      if (name != key) continue;
      out.value_ = value;
      return out;
    }
  }
  out.value_ = value_;
  out.absent_ = absent_ ? fmt::format("{}.{}", *absent_, key) : std::string(key);
  return out;
}

std::vector<Node> Node::items() const {
  std::vector<Node> out;
  if (value_ == nullptr || absent_) return out;
  for (const auto& item : value_->items) {
    out.emplace_back();
    out.back().value_ = item;
  }
  return out;
}

std::vector<std::pair<std::string, Node>> Node::members() const {
  std::vector<std::pair<std::string, Node>> out;
  if (value_ == nullptr || absent_) return out;
  for (const auto& [name, value] : value_->members) {
    out.emplace_back(name, Node());
    out.back().second.value_ = value;
  }
  return out;
}

tl::unexpected<Error> Node::wrong(std::string message, std::string hint) const {
  const std::string place = value_ == nullptr ? std::string("configuration") : where();
  const std::string what = path().empty() ? std::string() : path() + ": ";
  return fail(ErrorKind::bad_input, fmt::format("{}: {}{}", place, what, message), std::move(hint));
}

Result<std::string> Node::text() const {
  if (!is_scalar()) return wrong("text is expected here");
  return value_->scalar;
}

Result<std::int64_t> Node::integer() const {
  const auto value = is_scalar() ? parse_integer(value_->scalar) : std::nullopt;
  if (!value) return wrong("a whole number is expected here");
  return *value;
}

Result<double> Node::number() const {
  const auto value = is_scalar() ? parse_number(value_->scalar) : std::nullopt;
  if (!value) return wrong("a number is expected here");
  return *value;
}

Result<bool> Node::boolean() const {
  if (is_scalar() && !value_->quoted) {
    const std::string word = to_lower(value_->scalar);
    if (word == "true" || word == "yes" || word == "on") return true;
    if (word == "false" || word == "no" || word == "off") return false;
  }
  return wrong("true or false is expected here");
}

Result<Duration> Node::duration() const {
  if (!is_scalar()) return wrong("a duration such as 24h is expected here");
  auto value = parse_duration(value_->scalar);
  if (!value) return wrong(value.error().message, value.error().hint);
  return *value;
}

Result<Time> Node::time() const {
  if (!is_scalar()) return wrong("a time such as 2026-03-03T09:00:00Z is expected here");
  auto value = parse_rfc3339(value_->scalar);
  if (!value) return wrong(value.error().message, value.error().hint);
  return *value;
}

Result<std::vector<std::string>> Node::texts() const {
  if (is_scalar()) return std::vector<std::string>{value_->scalar};
  if (!is_list()) return wrong("a list of texts is expected here");
  std::vector<std::string> out;
  for (const Node& item : items()) {
    SIGNALBOX_TRY(std::string text, item.text());
    out.push_back(std::move(text));
  }
  return out;
}

Status Node::only(const std::vector<std::string>& known) const {
  if (!exists()) return {};
  if (!is_map()) return wrong("a map of keys is expected here");
  for (const auto& [key, value] : members()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    const auto near = nearest(key, known);
    const Value& found = *value.value_;  // a map's member, so it has a key
    return fail(ErrorKind::bad_input,
                fmt::format("{}:{}:{}: {}: the key '{}' is not known here", *found.file, found.key_line,
                            found.key_column, found.path, printable(key)),
                near ? fmt::format("did you mean '{}'?", *near) : "known here: " + join(known, ", "));
  }
  return {};
}

Json Node::to_json() const {
  if (is_map()) {
    Json out = Json::object();
    for (const auto& [key, value] : members()) out.set(key, value.to_json());
    return out;
  }
  if (is_list()) {
    Json out = Json::array();
    for (const Node& item : items()) out.push_back(item.to_json());
    return out;
  }
  if (!is_scalar()) return Json();
  const std::string& scalar = value_->scalar;
  if (value_->quoted) return Json(scalar);
  if (looks_like_bool(scalar)) return Json(to_lower(scalar) == "true");
  if (const auto whole = parse_integer(scalar)) return Json(*whole);
  if (const auto number = parse_number(scalar)) return Json(*number);
  return Json(scalar);
}

}  // namespace signalbox::config

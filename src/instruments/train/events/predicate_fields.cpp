#include "instruments/train/events/predicate_fields.hpp"

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::train {
namespace {

const Json& nothing() {
  static const Json null;
  return null;
}

}  // namespace

PredicateFields::PredicateFields(const Json& object, std::string where)
    : object_(object), where_(std::move(where)) {
  if (!object.is_object()) status_ = fail(ErrorKind::bad_input, where_ + " is no object");
}

std::string PredicateFields::where(std::string_view name) const {
  return fmt::format("{}.{}", where_, name);
}

void PredicateFields::refuse(std::string_view name, std::string_view why) {
  if (status_) status_ = fail(ErrorKind::bad_input, fmt::format("{}: {}", where(name), why));
}

const Json* PredicateFields::find(std::string_view name, std::string_view expected) {
  if (!status_) return nullptr;
  const Json* const value = object_.find(name);
  if (value == nullptr || value->is_null()) {
    if (!expected.empty()) refuse(name, fmt::format("{} is expected", expected));
    return nullptr;
  }
  return value;
}

std::string PredicateFields::text(std::string_view name) {
  if (find(name, "a text") == nullptr) return {};
  std::string out = optional_text(name);
  if (out.empty()) refuse(name, "is empty");
  return out;
}

std::string PredicateFields::optional_text(std::string_view name) {
  const Json* const value = find(name, {});
  if (value == nullptr) return {};
  if (!value->is_string()) {
    refuse(name, "a text is expected");
    return {};
  }
  if (value->as_string().size() > kMaxTextBytes) {
    refuse(name, fmt::format("a text of more than {} bytes", kMaxTextBytes));
    return {};
  }
  return std::string(value->as_string());
}

std::optional<std::uint64_t> PredicateFields::optional_count(std::string_view name) {
  const Json* const value = find(name, {});
  if (value == nullptr) return std::nullopt;
  if (!value->is_integer() || value->as_integer() < 0) {
    refuse(name, "a number from 0 on is expected");
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(value->as_integer());
}

std::uint64_t PredicateFields::count(std::string_view name) {
  if (find(name, "a number from 0 on") == nullptr) return 0;
  return optional_count(name).value_or(0);
}

std::optional<Time> PredicateFields::optional_time(std::string_view name) {
  const std::string text = optional_text(name);
  if (text.empty()) return std::nullopt;
  const auto time = parse_rfc3339(text);
  if (time) return *time;
  refuse(name, time.error().message);
  return std::nullopt;
}

Time PredicateFields::time(std::string_view name) {
  if (find(name, "a time such as 2026-03-03T09:00:00Z") == nullptr) return {};
  const auto time = optional_time(name);
  if (!time) refuse(name, "a time such as 2026-03-03T09:00:00Z is expected");
  return time.value_or(Time());
}

bool PredicateFields::boolean(std::string_view name) {
  const Json* const value = find(name, "true or false");
  if (value == nullptr) return false;
  if (!value->is_bool()) refuse(name, "true or false is expected");
  return value->as_bool();
}

const Json& PredicateFields::object(std::string_view name) {
  const Json* const value = find(name, "an object");
  if (value == nullptr) return nothing();
  if (value->is_object()) return *value;
  refuse(name, "an object is expected");
  return nothing();
}

const Json::Array& PredicateFields::items(std::string_view name) {
  const Json* const value = find(name, {});
  if (value == nullptr) return nothing().items();
  if (!value->is_array() || value->size() > kMaxItems) {
    refuse(name, fmt::format("a list of at most {} items is expected", kMaxItems));
    return nothing().items();
  }
  return value->items();
}

std::vector<std::string> PredicateFields::texts(std::string_view name) {
  std::vector<std::string> out;
  for (const Json& item : items(name)) {
    if (!item.is_string() || item.as_string().size() > kMaxTextBytes) {
      refuse(name, "a list of texts is expected");
      return {};
    }
    out.emplace_back(item.as_string());
  }
  return out;
}

}  // namespace signalbox::train

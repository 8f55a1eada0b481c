#include <algorithm>
#include <cmath>
#include <unordered_set>

#include <fmt/core.h>
#include <simdjson.h>

#include "core/base/json.hpp"
#include "core/base/text.hpp"

namespace signalbox {
namespace {

namespace dom = simdjson::dom;
constexpr std::int64_t kMaxExact = std::int64_t{1} << 53;
constexpr std::size_t kFewMembers = 16;  // up to here a linear search for duplicates is the faster one

// Converts a parsed document, keeping the path for messages. Recursion is bounded by the parser's depth
// limit.
class Converter {
 public:
  explicit Converter(const JsonLimits& limits) : limits_(limits) {}

  Result<Json> convert(dom::element element) {
    switch (element.type()) {
      case dom::element_type::NULL_VALUE:
        return Json();
      case dom::element_type::BOOL:
        return Json(bool(element));
      case dom::element_type::STRING:
        return Json(std::string_view(element));
      case dom::element_type::DOUBLE:
        return number(double(element));
      case dom::element_type::INT64:
        return integer(std::int64_t(element));
      case dom::element_type::UINT64:
        return fail_exact(fmt::format("{}", std::uint64_t(element)), double(std::uint64_t(element)));
      case dom::element_type::ARRAY:
        return array(dom::array(element));
      case dom::element_type::OBJECT:
        return object(dom::object(element));
    }
    return fail(ErrorKind::internal, "unknown JSON type");
  }

 private:
  Result<Json> number(double value) {
    // Above 2^53 every double is an integer; up to 10^18 it may have been meant as one.
    if (limits_.exact_integers && std::abs(value) > static_cast<double>(kMaxExact) &&
        std::abs(value) < 1e18) {
      return fail_exact(fmt::format("{}", value), value);
    }
    return Json(value);
  }

  Result<Json> integer(std::int64_t value) {
    if (value > kMaxExact || value < -kMaxExact) {
      if (limits_.exact_integers) return fail_exact(fmt::format("{}", value), static_cast<double>(value));
    }
    return Json(static_cast<long long>(value));
  }

  Result<Json> fail_exact(const std::string& text, double value) {
    if (!limits_.exact_integers) return Json(value);
    return fail(ErrorKind::bad_input, fmt::format("{}: the integer {} is beyond ±2^53", path_, text),
                "write it as a string: many readers hold numbers as doubles and would change it");
  }

  Result<Json> array(dom::array values) {
    Json::Array out;
    std::size_t index = 0;
    const std::size_t mark = path_.size();
    for (dom::element value : values) {
      path_ += fmt::format("[{}]", index++);
      SIGNALBOX_TRY(Json item, convert(value));
      out.push_back(std::move(item));
      path_.resize(mark);
    }
    return Json(std::move(out));
  }

  Result<Json> object(dom::object fields) {
    Json::Object out;
    std::unordered_set<std::string_view> seen;
    const std::size_t mark = path_.size();
    for (dom::key_value_pair field : fields) {
      path_ += "." + printable(field.key);
      const bool few = out.size() < kFewMembers;
      if (!few && seen.empty()) {
        for (const dom::key_value_pair earlier : fields) {
          if (seen.size() == out.size()) break;
          seen.insert(earlier.key);
        }
      }
      const bool twice = few ? std::any_of(out.begin(), out.end(),
                                           [&](const Json::Member& m) { return m.first == field.key; })
                             : !seen.insert(field.key).second;
      if (twice)
        return fail(ErrorKind::bad_input,
                    fmt::format("ambiguous JSON at {}: the key stands there twice", path_));
      SIGNALBOX_TRY(Json value, convert(field.value));
      out.emplace_back(std::string(field.key), std::move(value));
      path_.resize(mark);
    }
    return Json(std::move(out));
  }

  const JsonLimits& limits_;
  std::string path_ = "$";
};

// Where the object or array at the front of `text` closes; the whole length where none does.
std::size_t end_of_first_value(std::string_view text) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && (depth == 0 || --depth == 0)) {
      return i + 1;
    }
  }
  return text.size();
}

}  // namespace

Result<Json> parse_json(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.max_bytes) {
    return fail(ErrorKind::bad_input,
                fmt::format("{} bytes of JSON; at most {} are read", text.size(), limits.max_bytes));
  }
  dom::parser parser;
  if (parser.allocate(std::max<std::size_t>(text.size(), 64), limits.max_depth) != simdjson::SUCCESS) {
    return fail(ErrorKind::unavailable, "not enough memory to read this JSON");
  }
  dom::element root;
  const simdjson::padded_string padded(text);
  if (const auto error = parser.parse(padded).get(root); error != simdjson::SUCCESS) {
    if (error == simdjson::DEPTH_ERROR) {
      return fail(ErrorKind::bad_input, fmt::format("JSON nested deeper than {} levels", limits.max_depth));
    }
    const std::size_t end = end_of_first_value(text);
    dom::element first;
    if (end < text.size() &&
        parser.parse(simdjson::padded_string(text.substr(0, end))).get(first) == simdjson::SUCCESS) {
      return fail(ErrorKind::bad_input,
                  fmt::format("ambiguous JSON at offset {}: something stands after the document", end));
    }
    return fail(ErrorKind::bad_input, fmt::format("not JSON: {}", simdjson::error_message(error)));
  }
  return Converter(limits).convert(root);
}

}  // namespace signalbox

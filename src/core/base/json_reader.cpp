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

// Where in a document a value stands; text for errors alone.
struct Place {
  const Place* above = nullptr;  // null: the document itself
  std::string_view key;          // of a member
  std::size_t index = 0;         // of an item
  enum class Kind { root, member, item } kind = Kind::root;

  std::string text() const {
    if (kind == Kind::root) return "$";
    return above->text() + (kind == Kind::item ? fmt::format("[{}]", index) : "." + printable(key));
  }
};

// Converts a parsed document. Recursion is bounded by the parser's depth limit.
class Converter {
 public:
  explicit Converter(const JsonLimits& limits) : limits_(limits) {}

  Result<Json> convert(dom::element element) {
    Json out;
    if (put(element, Place{}, out)) return out;
    return tl::unexpected<Error>(std::move(error_));
  }

 private:
  // False: error_ says why.
  bool put(dom::element element, const Place& place, Json& to) {
    switch (element.type()) {
      case dom::element_type::NULL_VALUE:
        to = Json();
        return true;
      case dom::element_type::BOOL:
        to = Json(bool(element));
        return true;
      case dom::element_type::STRING:
        to = Json(std::string_view(element));
        return true;
      case dom::element_type::DOUBLE:
        return put_number(double(element), place, to);
      case dom::element_type::INT64:
        return put_integer(std::int64_t(element), place, to);
      case dom::element_type::UINT64:
        return put_inexact(fmt::format("{}", std::uint64_t(element)), double(std::uint64_t(element)), place,
                           to);
      case dom::element_type::ARRAY:
        return put_array(dom::array(element), place, to);
      case dom::element_type::OBJECT:
        return put_object(dom::object(element), place, to);
    }
    return refuse({ErrorKind::internal, "unknown JSON type", {}});
  }

  bool put_number(double value, const Place& place, Json& to) {
    // Above 2^53 every double is an integer; up to 10^18 it may have been meant as one.
    if (limits_.exact_integers && std::abs(value) > static_cast<double>(kMaxExact) &&
        std::abs(value) < 1e18) {
      return put_inexact(fmt::format("{}", value), value, place, to);
    }
    to = Json(value);
    return true;
  }

  bool put_integer(std::int64_t value, const Place& place, Json& to) {
    if (limits_.exact_integers && (value > kMaxExact || value < -kMaxExact))
      return put_inexact(fmt::format("{}", value), static_cast<double>(value), place, to);
    to = Json(static_cast<long long>(value));
    return true;
  }

  bool put_inexact(const std::string& text, double value, const Place& place, Json& to) {
    if (limits_.exact_integers) {
      return refuse({ErrorKind::bad_input,
                     fmt::format("{}: the integer {} is beyond ±2^53", place.text(), text),
                     "write it as a string: many readers hold numbers as doubles and would change it"});
    }
    to = Json(value);
    return true;
  }

  bool put_array(dom::array values, const Place& above, Json& to) {
    Json::Array out;
    out.reserve(values.size());
    Place place{&above, {}, 0, Place::Kind::item};
    for (const dom::element value : values) {
      if (!put(value, place, out.emplace_back())) return false;
      ++place.index;
    }
    to = Json(std::move(out));
    return true;
  }

  bool put_object(dom::object fields, const Place& above, Json& to) {
    Json::Object out;
    out.reserve(fields.size());
    std::unordered_set<std::string_view> seen;
    for (const dom::key_value_pair field : fields) {
      const Place place{&above, field.key, 0, Place::Kind::member};
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
      if (twice) {
        return refuse({ErrorKind::bad_input,
                       fmt::format("ambiguous JSON at {}: the key stands there twice", place.text()),
                       {}});
      }
      if (!put(field.value, place, out.emplace_back(std::string(field.key), Json()).second)) return false;
    }
    to = Json(std::move(out));
    return true;
  }

  bool refuse(Error error) {
    error_ = std::move(error);
    return false;
  }

  const JsonLimits& limits_;
  Error error_;
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

// The memory of a parser costs more than reading a short text: each thread keeps one for those.
constexpr std::size_t kKeptParserBytes = std::size_t{16} << 10;

Result<Json> parse_with(dom::parser& parser, std::string_view text, const JsonLimits& limits) {
  const std::size_t capacity = std::max<std::size_t>(text.size(), 64);
  const bool fits = parser.capacity() >= capacity && parser.max_depth() == limits.max_depth;
  if (!fits && parser.allocate(capacity, limits.max_depth) != simdjson::SUCCESS)
    return fail(ErrorKind::unavailable, "not enough memory to read this JSON");
  dom::element root;
  // Copied with the padding that the parser reads beyond the end.
  const char* const octets = text.empty() ? "" : text.data();
  if (const auto error = parser.parse(octets, text.size()).get(root); error != simdjson::SUCCESS) {
    if (error == simdjson::DEPTH_ERROR)
      return fail(ErrorKind::bad_input, fmt::format("JSON nested deeper than {} levels", limits.max_depth));
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

}  // namespace

Result<Json> parse_json(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.max_bytes) {
    return fail(ErrorKind::bad_input,
                fmt::format("{} bytes of JSON; at most {} are read", text.size(), limits.max_bytes));
  }
  if (text.size() > kKeptParserBytes) {
    dom::parser parser;
    return parse_with(parser, text, limits);
  }
  thread_local dom::parser kept;
  return parse_with(kept, text, limits);
}

}  // namespace signalbox

// JSON values (RFC 8259). Objects keep the order of their members. Reading is strict, writing is compact,
// pretty or canonical (RFC 8785).
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/result.hpp"

namespace signalbox {

class Json {
 public:
  using Array = std::vector<Json>;
  using Member = std::pair<std::string, Json>;
  using Object = std::vector<Member>;

  // What copies, moves and destroys is compiled once, in json.cpp: nearly every source has values of this
  // type.
  Json() noexcept;  // null
  Json(std::nullptr_t) : Json() {}
  Json(bool value);
  Json(int value) : Json(static_cast<long>(value)) {}
  Json(unsigned value) : Json(static_cast<long>(value)) {}
  Json(long value);
  Json(long long value) : Json(static_cast<long>(value)) {}
  Json(unsigned long value) : Json(static_cast<long>(value)) {}
  Json(unsigned long long value) : Json(static_cast<long>(value)) {}
  Json(double value);
  Json(const char* value) : Json(std::string_view(value)) {}
  Json(std::string value);
  Json(std::string_view value);
  Json(Array value);
  Json(Object value);
  Json(const Json& other);
  Json(Json&& other) noexcept;
  Json& operator=(const Json& other);
  Json& operator=(Json&& other) noexcept;
  ~Json();

  static Json array();
  static Json object();
  static Json object(std::initializer_list<Member> members);

  bool is_null() const;
  bool is_bool() const;
  bool is_integer() const;
  bool is_number() const;
  bool is_string() const;
  bool is_array() const;
  bool is_object() const;

  // The value as that type, or the fallback where it is another: for optional fields of outside documents.
  bool as_bool(bool fallback = false) const;
  std::int64_t as_integer(std::int64_t fallback = 0) const;
  double as_number(double fallback = 0) const;
  std::string_view as_string(std::string_view fallback = {}) const;
  const Array& items() const;     // empty where it is no array
  const Object& members() const;  // empty where it is no object
  Array& items();                 // makes it an array where it is null
  Object& members();              // makes it an object where it is null

  const Json* find(std::string_view key) const;        // nullptr where there is none
  const Json& operator[](std::string_view key) const;  // null where there is none
  void set(std::string key, Json value);               // replaces, or adds at the end
  void push_back(Json value);
  std::size_t size() const;  // items or members

  bool operator==(const Json& other) const;  // members in any order; 1 equals 1.0

  std::string dump() const;       // compact, members in their order
  std::string pretty() const;     // indented by two spaces, ends without a newline
  std::string canonical() const;  // RFC 8785: members by UTF-16 code units, shortest doubles

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> value_;
};

struct JsonLimits {
  std::size_t max_bytes = std::size_t{16} << 20;
  std::size_t max_depth = 64;
  bool exact_integers =
      true;  // integers beyond ±2^53 are bad_input, because half the world reads them as doubles
};

// Strict reading: one value, UTF-8, no duplicate keys at any depth, nothing after it. The message of an error
// names the place, as `$.a[2].b` or an offset. Duplicate keys and trailing octets say "ambiguous JSON at …".
Result<Json> parse_json(std::string_view text, const JsonLimits& limits = {});

}  // namespace signalbox

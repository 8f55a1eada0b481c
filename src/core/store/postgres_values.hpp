// Values as PostgreSQL's binary protocol carries them (src/backend/utils/adt/*: the send and recv functions
// of each type): numbers in network byte order.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/store/database.hpp"

namespace signalbox::store {

// Object ids of types: fixed numbers of PostgreSQL (pg_type.dat).
enum class PgType : std::uint32_t {
  unknown = 0,
  boolean = 16,
  bytea = 17,
  name = 19,
  int8 = 20,
  int2 = 21,
  int4 = 23,
  text = 25,
  oid = 26,
  json = 114,
  float4 = 700,
  float8 = 701,
  bytea_array = 1001,
  text_array = 1009,
  int8_array = 1016,
  float8_array = 1022,
  bpchar = 1042,
  varchar = 1043,
  numeric = 1700,
};

// The type a value is sent as; unknown for NULL, whose type the server finds itself.
PgType type_of(const Value& value);
std::string encode(const Value& value);  // empty for NULL
// A value of a result. `internal` names a type that this does not read.
Result<Value> decode(PgType type, std::string_view octets);

// A column of many rows as one array parameter; `type` is unknown when every value is NULL. Integers beside
// reals are sent as reals; other mixtures are internal errors.
struct PgArray {
  PgType type = PgType::unknown;
  std::string octets;
};
Result<PgArray> encode_column(const std::vector<std::vector<Value>>& rows, std::size_t column,
                              std::size_t first, std::size_t count);
std::string_view name_of_array(PgType array);  // "bigint[]" …

}  // namespace signalbox::store

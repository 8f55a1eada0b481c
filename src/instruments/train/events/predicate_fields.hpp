// Reads the members of a predicate, which came from outside: the first that is not as it should be is the
// error, and what is read after it is empty.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/json.hpp"
#include "core/base/result.hpp"

namespace signalbox::train {

class PredicateFields {
 public:
  static constexpr std::size_t kMaxTextBytes = std::size_t{64} << 10;
  static constexpr std::size_t kMaxItems = 10'000;

  // `where` stands in front of messages: "predicate", "predicate.rollback". `object` must outlive it.
  PredicateFields(const Json& object, std::string where);

  std::string text(std::string_view name);           // there, and not empty
  std::string optional_text(std::string_view name);  // empty where absent
  std::uint64_t count(std::string_view name);        // an integer from 0 on
  std::optional<std::uint64_t> optional_count(std::string_view name);
  Time time(std::string_view name);  // RFC 3339
  std::optional<Time> optional_time(std::string_view name);
  bool boolean(std::string_view name);
  std::vector<std::string> texts(std::string_view name);  // a list of texts; empty where absent
  const Json& object(std::string_view name);              // there, and an object
  const Json::Array& items(std::string_view name);        // of a list; empty where absent

  // A value that is a text but not one of those that are known.
  void refuse(std::string_view name, std::string_view why);
  std::string where(std::string_view name) const;
  const Status& status() const { return status_; }
  bool is_good() const { return status_.has_value(); }

 private:
  const Json* find(std::string_view name, std::string_view expected);

  const Json& object_;
  std::string where_;
  Status status_;
};

}  // namespace signalbox::train

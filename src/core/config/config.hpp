// YAML that people write. Every value knows its place, every error says file:line:column, unknown keys are
// errors with the nearest known one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/json.hpp"
#include "core/base/result.hpp"

namespace signalbox::config {

inline constexpr std::size_t kMaxYamlBytes = std::size_t{4} << 20;
inline constexpr std::size_t kMaxYamlDepth = 64;
inline constexpr std::size_t kMaxYamlValues = 200'000;

// A value in a YAML document, or nothing (a key that is absent). Cheap to copy. A key with an empty value is
// as good as absent. Aliases and merge keys are refused: a billion laughs.
class Node {
 public:
  struct Value;
  Node() = default;  // absent

  bool exists() const;
  bool is_map() const;
  bool is_list() const;
  bool is_scalar() const;
  std::string where() const;  // "signalbox.yaml:12:7"
  std::string path() const;   // "train.gates[0].require"

  Node operator[](std::string_view key) const;                // absent where it is no map or has no such key
  std::vector<Node> items() const;                            // of a list
  std::vector<std::pair<std::string, Node>> members() const;  // of a map, in order

  // A scalar as that type; absent or another type is bad_input with the place and what was expected.
  Result<std::string> text() const;
  Result<std::int64_t> integer() const;
  Result<double> number() const;
  Result<bool> boolean() const;                    // true false yes no on off
  Result<Duration> duration() const;               // "24h"
  Result<Time> time() const;                       // RFC 3339
  Result<std::vector<std::string>> texts() const;  // a list of scalars, or one scalar as a list of one

  // bad_input when this map has a key that is not among `known`; the hint names the nearest.
  Status only(const std::vector<std::string>& known) const;
  // A bad_input error at this place.
  tl::unexpected<Error> wrong(std::string message, std::string hint = {}) const;
  Json to_json() const;  // plain scalars by the YAML 1.2 core schema

 private:
  friend Result<Node> parse_yaml(std::string_view, std::string);
  std::shared_ptr<const Value> value_;
  std::optional<std::string>
      absent_;  // the key that `value_` does not have: this node is nothing, but knows where it would be
};

// Reads one document; `name` is what messages call the file. Duplicate keys are refused. An empty document is
// an empty map.
Result<Node> parse_yaml(std::string_view text, std::string name);
Result<Node> read_yaml(const std::filesystem::path& path);

}  // namespace signalbox::config

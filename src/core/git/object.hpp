// Objects of git: their ids, their types, and commits taken apart.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace signalbox::git {

// What a repository's ids are made with; the number is their length in octets.
enum class IdFormat : std::uint8_t { sha1 = 20, sha256 = 32 };
inline std::size_t size_of(IdFormat format) {
  return static_cast<std::size_t>(format);
}

// An object's id. Behind a SHA-1 stand zeros.
struct ObjectId {
  std::array<std::uint8_t, 32> octets{};
  auto operator<=>(const ObjectId&) const = default;

  static ObjectId from_octets(std::string_view octets);  // 20 or 32 of them
  std::string_view view(IdFormat format) const {
    return {reinterpret_cast<const char*>(octets.data()), size_of(format)};
  }
  // Ids are digests: any part of one is as good as a hash.
  std::uint64_t hash() const {
    std::uint64_t out = 0;
    std::memcpy(&out, octets.data(), sizeof out);
    return out;
  }
};

std::string to_hex(const ObjectId& id, IdFormat format);        // lower case
std::optional<ObjectId> parse_object_id(std::string_view hex);  // 40 or 64 lower-case digits
inline IdFormat format_of(std::string_view hex) {
  return hex.size() == 64 ? IdFormat::sha256 : IdFormat::sha1;
}

enum class ObjectType : std::uint8_t { commit = 1, tree = 2, blob = 3, tag = 4 };
std::optional<ObjectType> parse_object_type(std::string_view name);  // "commit"

struct Object {
  ObjectType type = ObjectType::blob;
  std::string octets;
};

// A commit's octets taken apart; views point into them.
struct CommitObject {
  ObjectId tree;
  std::vector<ObjectId> parents;
  std::string_view author_name;
  std::string_view author_email;
  std::int64_t author_time_s = 0;  // 0 where the line has none
  std::int64_t committer_time_s = 0;
  std::string_view encoding;  // as its header names it; empty: UTF-8, or nobody said
  std::string_view message;   // raw octets, whole
};

// Into `out`, whose memory is used again. bad_input where the octets do not begin as a commit does; odd
// authors and dates are read as git reads them, never refused.
Status parse_commit_object(std::string_view octets, CommitObject& out);
// The octets of a commit as UTF-8, where `encoding` is another; absent where there is nothing to convert, or
// no way.
std::optional<std::string> in_utf8(std::string_view octets, std::string_view encoding);

// What an annotated tag names, and its type. bad_input otherwise.
struct TagObject {
  ObjectId target;
  ObjectType type = ObjectType::commit;
};
Result<TagObject> parse_tag_object(std::string_view octets);

}  // namespace signalbox::git

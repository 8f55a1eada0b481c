// A pack: many objects of git in one file, with an index beside it. Formats: gitformat-pack(5), index
// version 2.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

#include "core/base/mapped_file.hpp"
#include "core/git/inflater.hpp"
#include "core/git/object.hpp"

namespace signalbox::git {

// Larger objects are refused, whoever reads them.
inline constexpr std::size_t kMaxObjectBytes = std::size_t{64} << 20;

// What reading of objects uses again and again. For one thread at a time.
struct ReadingRoom {
  Inflater inflater;
  std::string base;  // of a delta
  std::string delta;
};

// A pack and its index, mapped. May be read by several threads.
class Pack {
 public:
  // bad_input where the files are no pack of this format, or an index of version 1.
  static Result<Pack> open(const std::filesystem::path& index, IdFormat format);
  // The same of octets, which must outlive it.
  static Result<Pack> parse(std::string_view index, std::string_view pack, IdFormat format);

  std::uint32_t size() const { return count_; }
  std::optional<std::uint32_t> find(const ObjectId& id) const;  // its place in the index
  ObjectId id(std::uint32_t place) const;
  // bad_input where the pack is damaged there.
  Status read(std::uint32_t place, ReadingRoom& room, Object& out) const;
  Result<ObjectType> type(std::uint32_t place) const;

 private:
  struct Entry;
  struct Delta;
  Pack() = default;
  Status check();
  Result<std::uint64_t> offset(std::uint32_t place) const;
  Result<Entry> entry_at(std::uint64_t offset) const;
  Result<std::uint64_t> base_of(const Entry& entry) const;

  std::optional<MappedFile> index_file_;
  std::optional<MappedFile> pack_file_;
  std::string_view index_;
  std::string_view pack_;  // without the checksum at its end
  IdFormat format_ = IdFormat::sha1;
  std::uint32_t count_ = 0;
  std::string_view ids_;
  std::string_view offsets_;
  std::string_view long_offsets_;
};

// `delta` applied to `base`; false where it does not fit (gitformat-pack(5), "Deltified representation").
bool apply_delta(std::string_view base, std::string_view delta, std::string& out);

}  // namespace signalbox::git

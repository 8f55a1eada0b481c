// A repository's objects, read in this process from packs and loose files; what it cannot read so (another
// format of pack, an object that is only promised) it asks `git cat-file` for. Ids are taken at their word,
// as git does.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "core/base/process.hpp"
#include "core/git/object.hpp"
#include "core/git/pack.hpp"

namespace signalbox::git {

// Where objects lie. May be used by several threads, each with a reader of its own.
class ObjectStore {
 public:
  // `objects`: the folder of that name, whose alternates are looked into as well. `repository`: where git is
  // asked.
  static ObjectStore open(const std::filesystem::path& objects, IdFormat format,
                          std::filesystem::path repository);

  IdFormat format() const { return format_; }

 private:
  friend class ObjectReader;
  void add(const std::filesystem::path& objects, int depth);

  IdFormat format_ = IdFormat::sha1;
  std::filesystem::path repository_;
  std::vector<std::filesystem::path> folders_;
  std::vector<Pack> packs_;
};

// For one thread. The store must outlive it.
class ObjectReader {
 public:
  explicit ObjectReader(const ObjectStore& store);
  ~ObjectReader();

  // Into `out`, whose memory is used again. unavailable where the repository lacks the object or holds it
  // damaged, bad_input where it is larger than 64 MiB.
  Status read(const ObjectId& id, Object& out);
  // Without reading all of it where it lies in a pack.
  Result<ObjectType> type(const ObjectId& id);

 private:
  class Git;
  // Where one of the packs has it.
  struct Place {
    const Pack* pack;
    std::uint32_t at;
  };
  std::optional<Place> find(const ObjectId& id);
  bool read_loose(const ObjectId& id, Object& out);

  const ObjectStore& store_;
  std::size_t recent_ = 0;  // the pack that had the last object
  ReadingRoom room_;
  std::unique_ptr<Git> git_;
};

}  // namespace signalbox::git

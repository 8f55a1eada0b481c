// A disk in memory that SQLite writes to through a VFS, and whose power can be cut or which can fill up.
// Used by tests alone.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <sqlite3.h>

namespace signalbox::store::testing {

// What was written but not synced is kept apart. When the power is cut, each of these writes is dropped,
// kept, or kept in part, in any combination; so are truncations. New names and deletions last when their
// folder was synced, which SQLite does with the first sync of a new journal. What was synced stays. Source of
// the model: sqlite.org/atomiccommit.html, section 2 (with powersafe overwrite), and os_unix.c.
class SimulatedDisk {
 public:
  explicit SimulatedDisk(std::uint64_t seed);
  ~SimulatedDisk();
  SimulatedDisk(const SimulatedDisk&) = delete;
  SimulatedDisk& operator=(const SimulatedDisk&) = delete;

  const std::string& vfs() const { return name_; }  // of SqliteDatabase::open

  // The power goes when so many more writes, truncations, syncs and deletions have been done; from then on
  // everything fails, until `boot`.
  void cut_after(std::uint64_t operations) { operations_left_ = operations; }
  bool is_cut() const { return is_cut_; }
  // What survived is what is there. Every file must have been closed.
  void boot();

  void set_capacity(std::size_t bytes) { capacity_bytes_ = bytes; }
  std::size_t used_bytes() const;
  std::uint64_t operations() const { return operations_; }

  // What SQLite asks for; results are SQLite's codes.
  struct File;
  File* open(const std::string& name, int flags);
  int remove(const std::string& name, bool sync);
  bool exists(const std::string& name) const;
  int read(const File& file, void* to, std::size_t count, std::size_t offset) const;
  int write(File& file, std::string_view octets, std::size_t offset);
  int truncate(File& file, std::size_t size);
  int sync(File& file);

 private:
  struct Change;
  bool spend();  // one operation; false when the power is off
  void survive();

  std::string name_;
  sqlite3_vfs vfs_{};
  std::mt19937_64 random_;
  std::map<std::string, std::shared_ptr<File>> files_;    // as programs see them
  std::map<std::string, std::shared_ptr<File>> durable_;  // the folder as it was synced last
  std::map<std::string, std::string> survivors_;
  std::uint64_t operations_ = 0;
  std::uint64_t operations_left_ = UINT64_MAX;
  std::size_t capacity_bytes_ = SIZE_MAX;
  bool is_cut_ = false;
};

}  // namespace signalbox::store::testing

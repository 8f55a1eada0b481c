#include "core/store/simulated_disk.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/core.h>

namespace signalbox::store::testing {

// One write or truncation that was not synced.
struct SimulatedDisk::Change {
  std::size_t offset = 0;
  std::string octets;
  bool is_truncation = false;  // to `offset`
};

struct SimulatedDisk::File {
  std::string name;
  std::string octets;  // as programs see them
  std::string synced;
  std::vector<Change> changes;                              // since the last sync
  std::vector<std::unique_ptr<std::vector<char>>> regions;  // shared memory of the write-ahead log
  bool syncs_folder = false;  // at its next sync, as SQLite does for a new journal
};

namespace {

constexpr std::size_t kSectorBytes = 512;

void put(std::string& octets, std::size_t offset, std::string_view written) {
  if (octets.size() < offset + written.size()) octets.resize(offset + written.size());
  octets.replace(offset, written.size(), written);
}

// sqlite3_file, as SQLite allocates it.
struct Handle {
  sqlite3_file base;
  SimulatedDisk* disk;
  SimulatedDisk::File* file;
};

Handle& handle(sqlite3_file* file) {
  return *reinterpret_cast<Handle*>(file);
}
SimulatedDisk& disk_of(sqlite3_vfs* vfs) {
  return *static_cast<SimulatedDisk*>(vfs->pAppData);
}
sqlite3_vfs* system_vfs() {
  return sqlite3_vfs_find(nullptr);
}

int x_close(sqlite3_file*) {
  return SQLITE_OK;
}
int x_read(sqlite3_file* file, void* to, int count, sqlite3_int64 offset) {
  const Handle& h = handle(file);
  return h.disk->read(*h.file, to, static_cast<std::size_t>(count), static_cast<std::size_t>(offset));
}
int x_write(sqlite3_file* file, const void* from, int count, sqlite3_int64 offset) {
  const Handle& h = handle(file);
  return h.disk->write(*h.file, {static_cast<const char*>(from), static_cast<std::size_t>(count)},
                       static_cast<std::size_t>(offset));
}
int x_truncate(sqlite3_file* file, sqlite3_int64 size) {
  return handle(file).disk->truncate(*handle(file).file, static_cast<std::size_t>(size));
}
int x_sync(sqlite3_file* file, int) {
  return handle(file).disk->sync(*handle(file).file);
}
int x_size(sqlite3_file* file, sqlite3_int64* size) {
  *size = static_cast<sqlite3_int64>(handle(file).file->octets.size());
  return SQLITE_OK;
}
int x_lock(sqlite3_file*, int) {
  return SQLITE_OK;
}
int x_check_reserved(sqlite3_file*, int* out) {
  *out = 0;
  return SQLITE_OK;
}
int x_control(sqlite3_file*, int, void*) {
  return SQLITE_NOTFOUND;
}
int x_sector(sqlite3_file*) {
  return 4096;
}
int x_characteristics(sqlite3_file*) {
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}
int x_shm_map(sqlite3_file* file, int region, int bytes, int, void volatile** out) {
  auto& regions = handle(file).file->regions;
  while (regions.size() <= static_cast<std::size_t>(region))
    regions.push_back(std::make_unique<std::vector<char>>(static_cast<std::size_t>(bytes)));
  *out = regions[static_cast<std::size_t>(region)]->data();
  return SQLITE_OK;
}
int x_shm_lock(sqlite3_file*, int, int, int) {
  return SQLITE_OK;
}
void x_shm_barrier(sqlite3_file*) {}
int x_shm_unmap(sqlite3_file* file, int remove) {
  if (remove != 0) handle(file).file->regions.clear();
  return SQLITE_OK;
}

constexpr sqlite3_io_methods kMethods{2,
                                      x_close,
                                      x_read,
                                      x_write,
                                      x_truncate,
                                      x_sync,
                                      x_size,
                                      x_lock,
                                      x_lock,
                                      x_check_reserved,
                                      x_control,
                                      x_sector,
                                      x_characteristics,
                                      x_shm_map,
                                      x_shm_lock,
                                      x_shm_barrier,
                                      x_shm_unmap,
                                      nullptr,
                                      nullptr};

int x_open(sqlite3_vfs* vfs, const char* name, sqlite3_file* out, int flags, int* out_flags) {
  SimulatedDisk& disk = disk_of(vfs);
  Handle& h = handle(out);
  h = Handle{{nullptr}, &disk, disk.open(name == nullptr ? "" : name, flags)};
  if (h.file == nullptr) return SQLITE_CANTOPEN;
  h.base.pMethods = &kMethods;
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}
int x_delete(sqlite3_vfs* vfs, const char* name, int sync) {
  return disk_of(vfs).remove(name, sync != 0);
}
int x_access(sqlite3_vfs* vfs, const char* name, int, int* out) {
  *out = disk_of(vfs).exists(name) ? 1 : 0;
  return SQLITE_OK;
}
int x_full_path(sqlite3_vfs*, const char* name, int bytes, char* out) {
  sqlite3_snprintf(bytes, out, "%s", name);
  return SQLITE_OK;
}
int x_randomness(sqlite3_vfs*, int bytes, char* out) {
  return system_vfs()->xRandomness(system_vfs(), bytes, out);
}
int x_sleep(sqlite3_vfs*, int microseconds) {
  return system_vfs()->xSleep(system_vfs(), microseconds);
}
int x_time(sqlite3_vfs*, double* out) {
  return system_vfs()->xCurrentTime(system_vfs(), out);
}

}  // namespace

SimulatedDisk::SimulatedDisk(std::uint64_t seed) : name_(fmt::format("simulated-{}", seed)), random_(seed) {
  vfs_.iVersion = 1;
  vfs_.szOsFile = sizeof(Handle);
  vfs_.mxPathname = 512;
  vfs_.zName = name_.c_str();
  vfs_.pAppData = this;
  vfs_.xOpen = x_open;
  vfs_.xDelete = x_delete;
  vfs_.xAccess = x_access;
  vfs_.xFullPathname = x_full_path;
  vfs_.xRandomness = x_randomness;
  vfs_.xSleep = x_sleep;
  vfs_.xCurrentTime = x_time;
  sqlite3_vfs_register(&vfs_, 0);
}

SimulatedDisk::~SimulatedDisk() {
  sqlite3_vfs_unregister(&vfs_);
}

bool SimulatedDisk::spend() {
  if (is_cut_) return false;
  ++operations_;
  if (operations_left_-- > 0) return true;
  survive();
  is_cut_ = true;
  return false;
}

SimulatedDisk::File* SimulatedDisk::open(const std::string& name, int flags) {
  if (is_cut_) return nullptr;
  const std::string known = name.empty() ? fmt::format("temporary-{}", files_.size()) : name;
  auto& file = files_[known];
  if (file == nullptr && (flags & SQLITE_OPEN_CREATE) == 0) {
    files_.erase(known);
    return nullptr;
  }
  if (file == nullptr) {
    file = std::make_shared<File>();
    file->name = known;
    file->syncs_folder = (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL)) != 0;
  }
  return file.get();
}

int SimulatedDisk::remove(const std::string& name, bool sync) {
  if (!spend()) return SQLITE_IOERR_DELETE;
  const auto found = files_.find(name);
  if (found == files_.end()) return SQLITE_IOERR_DELETE_NOENT;
  files_.erase(found);
  if (sync) durable_ = files_;
  return SQLITE_OK;
}

bool SimulatedDisk::exists(const std::string& name) const {
  return files_.contains(name);
}

int SimulatedDisk::read(const File& file, void* to, std::size_t count, std::size_t offset) const {
  if (is_cut_) return SQLITE_IOERR_READ;
  std::memset(to, 0, count);
  if (offset >= file.octets.size()) return SQLITE_IOERR_SHORT_READ;
  const std::size_t there = std::min(count, file.octets.size() - offset);
  std::memcpy(to, file.octets.data() + offset, there);
  return there == count ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

int SimulatedDisk::write(File& file, std::string_view octets, std::size_t offset) {
  const std::size_t end = offset + octets.size();
  const std::size_t more = end > file.octets.size() ? end - file.octets.size() : 0;
  if (!is_cut_ && used_bytes() + more > capacity_bytes_) return SQLITE_FULL;
  file.changes.push_back({offset, std::string(octets), false});
  if (!spend()) return SQLITE_IOERR_WRITE;
  put(file.octets, offset, octets);
  return SQLITE_OK;
}

int SimulatedDisk::truncate(File& file, std::size_t size) {
  file.changes.push_back({size, {}, true});
  if (!spend()) return SQLITE_IOERR_TRUNCATE;
  file.octets.resize(size);
  return SQLITE_OK;
}

int SimulatedDisk::sync(File& file) {
  if (!spend()) return SQLITE_IOERR_FSYNC;
  file.synced = file.octets;
  file.changes.clear();
  if (std::exchange(file.syncs_folder, false)) durable_ = files_;
  return SQLITE_OK;
}

std::size_t SimulatedDisk::used_bytes() const {
  std::size_t out = 0;
  for (const auto& [name, file] : files_) out += file->octets.size();
  return out;
}

// Every file as the disk may hold it now: a name or a deletion that was not synced is there or not, and so is
// each change, whole, as its first sectors, or as some of its sectors.
void SimulatedDisk::survive() {
  const auto chance = [&](unsigned of) { return random_() % of == 0; };
  std::map<std::string, std::shared_ptr<File>> names = durable_;
  for (const auto& [name, file] : files_) {
    if (names.contains(name) || chance(2)) names[name] = file;
  }
  for (auto at = names.begin(); at != names.end();) {
    const bool removed = !files_.contains(at->first) && chance(2);
    at = removed ? names.erase(at) : std::next(at);
  }
  survivors_.clear();
  for (const auto& [name, file] : names) {
    std::string octets = file->synced;
    for (const Change& change : file->changes) {
      if (chance(3)) continue;
      if (change.is_truncation) {
        octets.resize(change.offset);
        continue;
      }
      const bool whole = chance(2);
      const bool prefix = chance(2);
      bool lost = false;
      for (std::size_t at = 0; at < change.octets.size(); at += kSectorBytes) {
        lost = !whole && ((prefix && lost) || chance(4));
        if (!lost) put(octets, change.offset + at, std::string_view(change.octets).substr(at, kSectorBytes));
      }
    }
    survivors_[name] = std::move(octets);
  }
}

void SimulatedDisk::boot() {
  if (!is_cut_) survive();
  files_.clear();
  durable_.clear();
  for (auto& [name, octets] : survivors_) {
    auto file = std::make_shared<File>();
    file->name = name;
    file->octets = octets;
    file->synced = std::move(octets);
    files_[name] = file;
    durable_[name] = file;
  }
  survivors_.clear();
  is_cut_ = false;
  operations_left_ = UINT64_MAX;
}

}  // namespace signalbox::store::testing

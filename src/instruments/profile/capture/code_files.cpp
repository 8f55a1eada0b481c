// Which files a probe's name stands for.
#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <set>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "core/base/process.hpp"
#include "core/base/text.hpp"
#include "instruments/profile/capture/code_table.hpp"
#include "instruments/profile/capture/probe.hpp"
#include "instruments/profile/capture/proc.hpp"
#include "instruments/profile/elf/elf_file.hpp"
#include "instruments/profile/runtimes/process_paths.hpp"

namespace signalbox::profile {
namespace {

namespace fs = std::filesystem;

FileDescriptor opened(const std::string& path) {
  // A pipe that nobody writes to would be waited for; for files the flag means nothing.
  return FileDescriptor{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
}

bool is_file_called(const fs::path& path, const std::string& name) {
  const std::string file = path.filename().native();
  return file == name || file.starts_with(name + ".so") || file.starts_with("lib" + name + ".so");
}

// A file by its device and inode.
using Inode = std::pair<dev_t, ino_t>;
std::optional<Inode> inode_of(const struct stat& found) {
  if (!S_ISREG(found.st_mode)) return std::nullopt;
  return Inode{found.st_dev, found.st_ino};
}
std::optional<Inode> inode_of(const FileDescriptor& file) {
  struct stat found {};
  return file && ::fstat(file.get(), &found) == 0 ? inode_of(found) : std::nullopt;
}

// What a process has mapped there. Of a path that is gone the kernel's own link to what is mapped is the one
// way: what lies at the path is another file.
FileDescriptor opened_region(std::int32_t pid, const MemoryRegion& region) {
  const std::vector<std::string> places = readable_paths(pid, region.start, region.limit, region.path);
  if (FileDescriptor out = opened(places.front())) return out;
  return region.is_deleted ? FileDescriptor() : opened(path_within(pid, region.path));
}

Result<std::vector<ProbedFile>> mapped_files(const std::string& name, std::span<const std::int32_t> pids) {
  std::vector<ProbedFile> out;
  std::set<Inode> known;
  for (const std::int32_t pid : pids) {
    const auto regions = memory_map_of(pid);
    for (const MemoryRegion& region : regions ? *regions : std::vector<MemoryRegion>()) {
      if (!region.executable || !region.path.starts_with('/') || !is_file_called(region.path, name)) continue;
      FileDescriptor file = opened_region(pid, region);
      if (!file && region.is_deleted)
        return fail(ErrorKind::conflict,
                    fmt::format("--probe: process {} runs a {} that is gone, and that may not be read", pid,
                                printable(region.path)),
                    "as root it may be; or start the process again");
      const auto inode = inode_of(file);
      if (!inode || !known.insert(*inode).second) continue;
      out.push_back({std::move(file), region.is_deleted ? region.path + " (deleted)" : region.path});
    }
  }
  return out;
}

// That the processes which have mapped something from this path have mapped this file.
Status is_what_they_run(const std::string& path, const FileDescriptor& file,
                        std::span<const std::int32_t> pids) {
  std::error_code error;
  const fs::path there = fs::canonical(path, error);
  const auto wanted = inode_of(file);
  if (error || !wanted) return {};
  for (const std::int32_t pid : pids) {
    const auto regions = memory_map_of(pid);
    std::optional<MemoryRegion> other;
    bool has_it = false;
    for (const MemoryRegion& region : regions ? *regions : std::vector<MemoryRegion>()) {
      if (!region.executable || region.path != there.native()) continue;
      if (inode_of(opened_region(pid, region)) == wanted)
        has_it = true;
      else
        other = region;
    }
    if (other && !has_it)
      return fail(
          ErrorKind::conflict,
          fmt::format("--probe: process {} runs {}, and not the file that lies at {} here", pid,
                      other->is_deleted ? "one that is gone" : "one in a root of its own", printable(path)),
          fmt::format("by its name alone it is the file that the process runs: {}",
                      shell_word(printable(there.filename().native()))));
  }
  return {};
}

// Among the programs of $PATH and the libraries of this machine.
FileDescriptor installed_file(const std::string& name, std::string& path) {
  if (const auto program = find_program(name)) {
    path = program->native();
    return opened(path);
  }
  for (const char* folder : {"/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64",
                             "/usr/lib", "/usr/local/lib"}) {
    std::error_code error;
    std::vector<std::string> found;
    for (auto entry = fs::directory_iterator(folder, error); !error && entry != fs::end(entry);
         entry.increment(error)) {
      if (is_file_called(entry->path(), name)) found.push_back(entry->path().native());
    }
    // The shortest is what programs are linked with: libc.so.6 before libc.so.6.bak. A .so without a number
    // may be a script of the linker.
    std::sort(found.begin(), found.end(), [](const std::string& a, const std::string& b) {
      const auto key = [](const std::string& path) { return std::pair(path.ends_with(".so"), path); };
      return key(a) < key(b);
    });
    for (const std::string& each : found) {
      FileDescriptor file = opened(each);
      if (!inode_of(file) || !ElfFile::of(file, each)) continue;
      path = each;
      return file;
    }
  }
  return {};
}

}  // namespace

Result<std::vector<ProbedFile>> find_code_files(const std::string& name, std::span<const std::int32_t> pids) {
  std::vector<ProbedFile> out;
  if (name.find('/') != std::string::npos) {
    FileDescriptor file = opened(name);
    if (!file) return fail(error_from_errno(errno, name));
    SIGNALBOX_CHECK(is_what_they_run(name, file, pids));
    out.push_back({std::move(file), name});
    return out;
  }
  SIGNALBOX_TRY(out, mapped_files(name, pids));
  if (!out.empty()) return out;
  std::string path;
  FileDescriptor file = installed_file(name, path);
  if (!file)
    return fail(ErrorKind::not_found, fmt::format("--probe: there is no file {}", printable(name)),
                "name it with its folder: uprobe:./app:main");
  out.push_back({std::move(file), std::move(path)});
  return out;
}

}  // namespace signalbox::profile

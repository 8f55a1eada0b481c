#include <charconv>
#include <cstdio>
#include <fstream>
#include <optional>

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "core/store/sqlite_database.hpp"

namespace signalbox::store {
namespace {

constexpr long long kWalWriteLockByte = 120;

std::vector<std::string_view> words(std::string_view line) {
  std::vector<std::string_view> out;
  for (std::string_view part : split(line, ' ')) {
    if (!part.empty()) out.push_back(part);
  }
  return out;
}

// "1: POSIX  ADVISORY  WRITE 4242 fe:01:1835 120 120" → 4242, when the lock is on this file and covers the
// writer's byte.
std::optional<long long> holder_in_line(std::string_view line, const std::string& file) {
  const std::vector<std::string_view> part = words(line);
  if (part.size() < 8 || part[1] != "POSIX" || part[3] != "WRITE" || part[5] != file) return {};
  const auto first = parse_integer(part[6]);
  const auto last = part[7] == "EOF" ? std::optional<long long>(kWalWriteLockByte) : parse_integer(part[7]);
  if (!first || !last || *first > kWalWriteLockByte || *last < kWalWriteLockByte) return {};
  return parse_integer(part[4]);
}

std::string name_of_process(long long pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/comm");
  std::string name;
  std::getline(in, name);
  return name.empty() ? std::string() : " (" + printable(name) + ")";
}

// When a process started: its folder in /proc carries that time.
std::string since_of_process(long long pid) {
  struct stat info {};
  if (::stat(("/proc/" + std::to_string(pid)).c_str(), &info) != 0) return {};
  return ", running since " + to_rfc3339(Time(std::chrono::seconds(info.st_ctim.tv_sec)));
}

}  // namespace

std::string writer_of(const std::filesystem::path& path) {
  struct stat info {};
  if (::stat((path.string() + "-shm").c_str(), &info) != 0) return {};
  const std::string file =
      fmt::format("{:02x}:{:02x}:{}", major(info.st_dev), minor(info.st_dev), info.st_ino);
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    const auto pid = holder_in_line(line, file);
    if (!pid || *pid <= 0) continue;
    char host[256] = "this host";
    ::gethostname(host, sizeof host - 1);
    return fmt::format("{}, pid {}{}{}", host, *pid, name_of_process(*pid), since_of_process(*pid));
  }
  return {};
}

}  // namespace signalbox::store

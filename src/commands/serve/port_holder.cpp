#include "commands/serve/port_holder.hpp"

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <vector>

#include <fmt/format.h>

#include "core/base/text.hpp"

namespace signalbox::serve {
namespace {

namespace fs = std::filesystem;

// Inodes of the sockets that listen on the port. A line of /proc/net/tcp: number, local address and port in
// hexadecimal, remote, state (0A: listens), queues, timer, retransmissions, user, time-out, inode.
void add_listeners(const char* table, std::uint16_t port, std::set<std::string>& inodes) {
  std::ifstream in(table);
  const std::string ending = fmt::format(":{:04X}", port);
  for (std::string line; std::getline(in, line);) {
    std::istringstream fields(line);
    std::string number, local, remote, state, queues, timer, retransmissions, user, timeout, inode;
    fields >> number >> local >> remote >> state >> queues >> timer >> retransmissions >> user >> timeout >>
        inode;
    if (state == "0A" && local.ends_with(ending)) inodes.insert("socket:[" + inode + "]");
  }
}

// What a folder holds, as far as it can be read: processes come and go meanwhile.
std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
    out.push_back(at->path());
  return out;
}

bool holds_one_of(const fs::path& process, const std::set<std::string>& inodes) {
  for (const fs::path& file : entries_of(process / "fd")) {
    std::error_code error;
    const fs::path target = fs::read_symlink(file, error);
    if (!error && inodes.count(target.string()) != 0) return true;
  }
  return false;
}

std::string name_of_process(const fs::path& process) {
  std::error_code error;
  const fs::path program = fs::read_symlink(process / "exe", error);
  return error ? std::string("a program") : printable(program.filename().string());
}

}  // namespace

std::string holder_of_port(std::uint16_t port) {
  std::set<std::string> inodes;
  add_listeners("/proc/net/tcp", port, inodes);
  add_listeners("/proc/net/tcp6", port, inodes);
  if (inodes.empty()) return {};
  for (const fs::path& process : entries_of("/proc")) {
    const std::string id = process.filename().string();
    if (!parse_integer(id) || !holds_one_of(process, inodes)) continue;
    return fmt::format("{} (process {})", name_of_process(process), id);
  }
  return {};
}

}  // namespace signalbox::serve

#include "instruments/profile/runtimes/process_memory.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <sys/uio.h>

#include "core/base/file.hpp"
#include "instruments/profile/runtimes/process_paths.hpp"

namespace signalbox::profile {
namespace {

constexpr std::size_t kMostPieces = 1024;  // UIO_MAXIOV

}  // namespace

bool OtherProcess::read(std::span<const MemoryPiece> pieces) {
  std::array<iovec, kMostPieces> here;
  std::array<iovec, kMostPieces> there;
  while (!pieces.empty()) {
    const auto now = pieces.first(std::min(pieces.size(), kMostPieces));
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < now.size(); ++i) {
      here[i] = {now[i].into.data(), now[i].into.size()};
      // An address of another process is a number here, of which no pointer of ours is made.
      std::memcpy(&there[i].iov_base, &now[i].address, sizeof now[i].address);
      there[i].iov_len = now[i].into.size();
      bytes += now[i].into.size();
    }
    ssize_t got = ::process_vm_readv(thread_, here.data(), now.size(), there.data(), now.size(), 0);
    if (got < 0 && errno == ESRCH) {
      thread_ = living_thread_of(pid_);
      got = ::process_vm_readv(thread_, here.data(), now.size(), there.data(), now.size(), 0);
    }
    if (got < 0 || static_cast<std::size_t>(got) != bytes) return false;
    pieces = pieces.subspan(now.size());
  }
  return true;
}

Status OtherProcess::try_at(std::uint64_t address) {
  char octet = 0;
  if (read(address, octet)) return {};
  if (errno == EPERM)
    return fail(ErrorKind::denied, fmt::format("memory of process {} may not be read", pid_),
                "as its own user with sysctl kernel.yama.ptrace_scope=0, or as root");
  if (errno == ESRCH) return fail(ErrorKind::not_found, fmt::format("process {} ended", pid_));
  return fail(error_from_errno(errno, fmt::format("memory of process {}", pid_)));
}

}  // namespace signalbox::profile

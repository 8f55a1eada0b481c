#include "instruments/profile/elf/file_in_memory.hpp"

#include <cerrno>

#include <sys/mman.h>
#include <unistd.h>

namespace signalbox::profile {

Result<FileDescriptor> file_in_memory(const char* name, std::string_view octets) {
  FileDescriptor out(::memfd_create(name, MFD_CLOEXEC));
  if (!out) return fail(error_from_errno(errno, "a file in memory"));
  while (!octets.empty()) {
    const ssize_t written = ::write(out.get(), octets.data(), octets.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail(error_from_errno(errno, "a file in memory"));
    octets.remove_prefix(static_cast<std::size_t>(written));
  }
  return out;
}

}  // namespace signalbox::profile

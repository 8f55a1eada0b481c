#include "core/store/sqlite_error.hpp"

#include <cerrno>

#include <fmt/format.h>

#include "core/base/file.hpp"
#include "core/store/sqlite_database.hpp"

namespace signalbox::store {
namespace {

constexpr std::string_view kMakeRoom =
    "make room on the disk, then run the same command again; what was acknowledged is safe";

Error busy(const std::filesystem::path& path) {
  const std::string holder = writer_of(path);
  Error out{ErrorKind::unavailable, path.string() + ": the store is locked by another process", {}};
  if (!holder.empty()) out.message = fmt::format("{}: the store is held by ({})", path.string(), holder);
  out.hint = "wait for it to end, then run the same command again";
  return out;
}

bool is_out_of_room(int system_errno) {
  return system_errno == ENOSPC || system_errno == EDQUOT || system_errno == EFBIG;
}

Error input_output(Error out, int system_errno) {
  out.kind = ErrorKind::unavailable;
  if (is_out_of_room(system_errno)) {
    out.message += " (no room)";
    out.hint = kMakeRoom;
  } else if (system_errno != 0) {
    const Error cause = error_from_errno(system_errno, "cause");
    out.message += " (" + cause.message + ")";
    out.hint = cause.hint;
  }
  return out;
}

}  // namespace

Error sqlite_error(const std::filesystem::path& path, std::string_view what, int code, int system_errno,
                   std::string_view message) {
  Error out{ErrorKind::internal, fmt::format("{}: {}: {}", path.string(), what, message), {}};
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return busy(path);
    case SQLITE_FULL:
      out.kind = ErrorKind::unavailable;
      out.hint = kMakeRoom;
      return out;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      out.kind = ErrorKind::denied;
      out.hint = "the store can be read but not written: check its permissions and those of its folder";
      return out;
    case SQLITE_CANTOPEN: {
      if (system_errno == 0) system_errno = EACCES;
      return error_from_errno(system_errno, "opening " + path.string());
    }
    case SQLITE_IOERR:
      return input_output(std::move(out), system_errno);
    case SQLITE_NOTADB:
      out.kind = ErrorKind::bad_input;
      out.message = path.string() + ": is not a Signalbox store";
      out.hint = "name another file with --store";
      return out;
    case SQLITE_CORRUPT:
      out.kind = ErrorKind::unavailable;
      out.hint = "the file is damaged: restore it from a backup";
      return out;
    case SQLITE_CONSTRAINT:
      out.kind = ErrorKind::conflict;
      return out;
    case SQLITE_TOOBIG:
      out.kind = ErrorKind::bad_input;
      return out;
    case SQLITE_NOMEM:
      out.kind = ErrorKind::unavailable;
      return out;
    default:
      return out;
  }
}

}  // namespace signalbox::store

#include "core/remote/mirror.hpp"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "core/base/file.hpp"
#include "core/base/file_lock.hpp"
#include "core/base/text.hpp"
#include "core/evidence/ledger_import.hpp"
#include "core/store/database.hpp"

namespace signalbox::remote {
namespace {

namespace ev = evidence;
namespace fs = std::filesystem;

Result<fs::path> folder_of_mirrors() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache == '/')
    return fs::path(cache) / "signalbox" / "logs";
  if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/')
    return fs::path(home) / ".cache" / "signalbox" / "logs";
  return fail(ErrorKind::unavailable, "there is no place to copy the server's log to",
              "set XDG_CACHE_HOME to a folder");
}

// Evidence is for whoever has the token alone.
Status make_private(const fs::path& folder) {
  SIGNALBOX_CHECK(make_directories(folder));
  std::error_code failed;
  fs::permissions(folder, fs::perms::owner_all, failed);
  if (!failed) return {};
  return fail(ErrorKind::unavailable, fmt::format("{}: {}", folder.string(), failed.message()));
}

// One process at a time brings a copy further.
Result<FileDescriptor> lock_copy(const fs::path& file, std::chrono::steady_clock::time_point until) {
  using std::chrono::milliseconds;
  constexpr std::chrono::steady_clock::duration kLongest = std::chrono::hours(24);
  const auto left = std::clamp(until - std::chrono::steady_clock::now(), {}, kLongest);
  SIGNALBOX_TRY(std::optional<FileDescriptor> held,
                lock_file(file.string() + ".lock", std::chrono::ceil<milliseconds>(left), 0600));
  if (held) return std::move(*held);
  return fail(ErrorKind::unavailable, file.string() + ": another process copies the server's log there",
              "wait for it to end, then run the same command again");
}

std::uint64_t entries_in(store::Database& database) {
  const auto copy = ev::Ledger::open_read_only(database);
  return copy ? copy->size() : 0;
}

}  // namespace

Result<Mirror> mirror_log(const Server& server, const ServedLog::Believing& believing,
                          std::chrono::steady_clock::time_point until,
                          const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  SIGNALBOX_TRY(ServedLog log, ServedLog::open(server, believing, until));
  Mirror out;
  out.state = log.state();
  if (out.state.checkpoint.size == 0)
    return fail(ErrorKind::not_found, fmt::format("{}: the log there is empty", log.origin()),
                "record something there first: signalbox evidence add junit results.xml --subject git:HEAD "
                "--store " +
                    log.origin());
  SIGNALBOX_TRY(const fs::path folder, folder_of_mirrors());
  SIGNALBOX_CHECK(make_private(folder));
  const fs::path file = folder / (believing.memory.file_of(out.state.log).filename().string() + ".db");
  out.store = "sqlite:" + file.string();
  SIGNALBOX_TRY(const FileDescriptor held, lock_copy(file, until));
  SIGNALBOX_TRY(const auto database, store::open_database(out.store));
  // Another process may have copied more meanwhile than was shown here: what is shown now has to extend it.
  if (entries_in(*database) > out.state.checkpoint.size) {
    SIGNALBOX_TRY(log, ServedLog::open(server, believing, until));
    if (!log.state().log.same_key(out.state.log))
      return fail(ErrorKind::unavailable, fmt::format("{}: its log became another one", log.origin()),
                  "run the same command again");
    out.state = log.state();
  }
  const ev::EnvelopeReader envelope_of =
      [&](const ev::Entry& recorded) -> Result<std::optional<ev::SealedEnvelope>> {
    SIGNALBOX_TRY(ev::Entry entry, log.with_envelope(recorded));
    if (entry.envelope.empty()) return std::optional<ev::SealedEnvelope>();
    return std::optional(ev::SealedEnvelope{std::move(entry.salt), std::move(entry.envelope)});
  };
  auto imported =
      ev::import_log(*database, log.files(), out.state.log, out.state.note, envelope_of, progress);
  if (!imported) {
    Error error = std::move(imported).error();
    if (error.kind == ErrorKind::bad_input)  // of an envelope that is neither shown nor erased
      return fail(ErrorKind::denied, fmt::format("{}: {}", log.origin(), error.message),
                  "its whole log is read with a token of the role operator");
    if (error.kind == ErrorKind::not_found)
      return fail(ErrorKind::conflict, fmt::format("{}: {}", log.origin(), error.message),
                  "the log has it, and the server does not show it");
    return fail_in(log.origin(), std::move(error));
  }
  out.fresh = imported->size - imported->before;
  return out;
}

}  // namespace signalbox::remote

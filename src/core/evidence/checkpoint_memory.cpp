#include "core/evidence/checkpoint_memory.hpp"

#include <chrono>

#include <fmt/core.h>

#include "core/base/file.hpp"
#include "core/base/file_lock.hpp"
#include "core/base/text.hpp"
#include "core/config/workspace.hpp"
#include "core/evidence/merkle.hpp"

namespace signalbox::evidence {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kMaxNoteBytes = 1'000'000;
constexpr std::chrono::milliseconds kPatience{5'000};  // keeping takes one fsync at most
constexpr int kMaxLooks = 8;                           // while others keep checkpoints of the same log

// The note kept in `path`; empty where there is none, or a power cut left an empty file.
Result<std::string> read_note(const fs::path& path) {
  auto note = read_file(path, kMaxNoteBytes);
  if (!note && note.error().kind == ErrorKind::not_found) return std::string();
  return note;
}

// Between reading what is kept in `path` and replacing it.
Result<FileDescriptor> lock_beside(const fs::path& path) {
  SIGNALBOX_CHECK(make_directories(path.parent_path()));
  SIGNALBOX_TRY(std::optional<FileDescriptor> held, lock_file(path.string() + ".lock", kPatience));
  if (held) return std::move(*held);
  return fail(ErrorKind::unavailable, path.string() + ": another process keeps a checkpoint there",
              "wait for it to end, then run the same command again");
}

}  // namespace

Result<Checkpoint> open_checkpoint(std::string_view text, const PublicKey& log) {
  SIGNALBOX_TRY(const Note note, parse_note(text));
  SIGNALBOX_TRY(const std::vector<PublicKey> by, verify_note(note, {log}));
  SIGNALBOX_TRY(Checkpoint checkpoint, parse_checkpoint(note.text));
  if (by.empty() || checkpoint.origin != log.name)
    return fail(ErrorKind::conflict, fmt::format("checkpoint: not signed by the log {}", log.name));
  return checkpoint;
}

Status check_extends(const Checkpoint& seen, const Checkpoint& shown, const std::vector<Sha256>& proof) {
  if (shown.size < seen.size) {
    return fail(ErrorKind::conflict,
                fmt::format("rollback: the log {} has {}, and {} seen before", shown.origin,
                            counted(shown.size, "entry", "entries"), counted(seen.size, "was", "were")));
  }
  const bool follows_from_nothing = seen.size == 0 && shown.size > 0 && seen.root == empty_root();
  if (follows_from_nothing || verify_consistency(seen.size, shown.size, proof, seen.root, shown.root))
    return {};
  return fail(ErrorKind::conflict,
              fmt::format("fork: the first {} entries of the log {} are not those that were seen before",
                          seen.size, shown.origin));
}

CheckpointMemory CheckpointMemory::of_this_machine() {
  return CheckpointMemory(keys_directory().parent_path() / "checkpoints");
}

fs::path CheckpointMemory::file_of(const PublicKey& log) const {
  std::string name;
  for (const char c : log.name) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '-' || c == '_' || c == '@' || (c == '.' && !name.empty());
    name += plain ? c : '-';
  }
  return folder_ / fmt::format("{}-{}", name.substr(0, 100), log.id());
}

Result<std::optional<Checkpoint>> CheckpointMemory::last(const PublicKey& log) const {
  SIGNALBOX_TRY(const std::string text, read_note(file_of(log)));
  if (text.empty()) return std::optional<Checkpoint>();
  auto checkpoint = open_checkpoint(text, log);
  if (!checkpoint) return fail_in(file_of(log).string(), std::move(checkpoint).error());
  return std::optional<Checkpoint>(std::move(*checkpoint));
}

Status CheckpointMemory::keep(const PublicKey& log, const std::string& note, Until until) const {
  SIGNALBOX_TRY(const Checkpoint fresh, open_checkpoint(note, log));
  const auto is_kept = [&]() -> Result<bool> {
    SIGNALBOX_TRY(const std::optional<Checkpoint> kept, last(log));
    return kept && kept->size >= fresh.size;
  };
  SIGNALBOX_TRY(const bool was_kept, is_kept());
  if (was_kept) return {};
  SIGNALBOX_TRY(const FileDescriptor held, lock_beside(file_of(log)));
  SIGNALBOX_TRY(const bool was_kept_meanwhile, is_kept());
  return was_kept_meanwhile ? Status() : write(log, note, until);
}

Result<CheckpointMemory::Kept> CheckpointMemory::keep_after(const std::optional<Checkpoint>& seen,
                                                            const PublicKey& log, const std::string& note,
                                                            Until until) const {
  SIGNALBOX_TRY(const Checkpoint fresh, open_checkpoint(note, log));
  if (seen && seen->size >= fresh.size) return Kept::yes;
  SIGNALBOX_TRY(const FileDescriptor held, lock_beside(file_of(log)));
  SIGNALBOX_TRY(const std::optional<Checkpoint> kept, last(log));
  if (kept != seen) return Kept::another_came;
  SIGNALBOX_CHECK(write(log, note, until));
  return Kept::yes;
}

Status CheckpointMemory::extend(const std::vector<PublicKey>& logs, const Looking& look, Until until) const {
  for (int looks = 0; looks < kMaxLooks; ++looks) {
    std::vector<std::optional<Checkpoint>> seen;
    for (const PublicKey& log : logs) {
      auto remembered = last(log);
      if (!remembered)
        return fail(ErrorKind::unavailable,
                    "what was seen of the log is damaged: " + remembered.error().message,
                    "find out who changed it; without the file the log is seen for the first time");
      seen.push_back(std::move(*remembered));
    }
    SIGNALBOX_TRY(const std::optional<Shown> shown, look(seen));
    if (!shown) return {};
    SIGNALBOX_TRY(const Kept kept, keep_after(seen[shown->log], logs[shown->log], shown->note, until));
    if (kept == Kept::yes) return {};
  }
  return fail(ErrorKind::unavailable, "other processes keep checkpoints of the log at the same time",
              "run the same command again");
}

Status CheckpointMemory::write(const PublicKey& log, const std::string& note, Until until) const {
  return until == Until::durable ? write_file_atomically(file_of(log), note)
                                 : replace_file(file_of(log), note);
}

}  // namespace signalbox::evidence

#include "core/evidence/spool.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>

#include <fmt/format.h>
#include <unistd.h>

#include "core/base/digest.hpp"
#include "core/base/file.hpp"
#include "core/base/file_lock.hpp"
#include "core/base/folder.hpp"
#include "core/base/text.hpp"
#include "core/evidence/envelope.hpp"

namespace signalbox::evidence {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kNumberDigits = 12;
constexpr std::size_t kDigestDigits = 64;
constexpr std::string_view kEnding = ".dsse.json";
constexpr std::string_view kRefusedEnding = ".refused";
constexpr std::size_t kMaxAtOnce = 256;
constexpr std::size_t kMaxBytesAtOnce = std::size_t{8} << 20;  // but for a single larger one
constexpr unsigned kOwnerOnly = 0600;
constexpr std::chrono::milliseconds kPatience{
    30'000};  // a drain waits for the store, which waits 10 s itself

std::string name_of(std::uint64_t number, std::string_view digest) {
  return fmt::format("{:0{}}-{}{}", number, kNumberDigits, digest, kEnding);
}

Result<FileDescriptor> lock(const fs::path& folder) {
  SIGNALBOX_CHECK(make_directories(folder));
  SIGNALBOX_TRY(std::optional<FileDescriptor> held, lock_file(folder / "lock", kPatience, kOwnerOnly));
  if (held) return std::move(*held);
  return fail(ErrorKind::unavailable, folder.string() + ": another process drains it",
              "wait for it to end, then run the same command again");
}

Status put_aside(const fs::path& file) {
  const fs::path refused = file.string() + std::string(kRefusedEnding);
  if (::rename(file.c_str(), refused.c_str()) == 0) return {};
  return fail(error_from_errno(errno, "renaming " + file.string()));
}

}  // namespace

Spool Spool::of(const Workspace& workspace, const std::string& store) {
  constexpr std::size_t kShown = 16;
  const fs::path folder = workspace.state / "spool";
  constexpr std::string_view kScheme = "sqlite:";
  const bool has_scheme = store.starts_with(kScheme);
  const bool is_file = has_scheme || store.find("://") == std::string::npos;
  std::string where = store;
  if (is_file && !store.empty())
    where = fs::absolute(has_scheme ? store.substr(kScheme.size()) : store).lexically_normal().string();
  if (where.empty() || where == workspace.database().lexically_normal().string()) return Spool(folder);
  return Spool(folder / to_hex(sha256(where)).substr(0, kShown));
}

Result<std::vector<Spool::Waiting>> Spool::line() const {
  SIGNALBOX_TRY(const std::vector<fs::path> files, files_in(folder_));
  std::vector<Waiting> out;
  for (const fs::path& file : files) {
    const std::string name = file.filename().string();
    constexpr std::size_t kLength = kNumberDigits + 1 + kDigestDigits + kEnding.size();
    if (name.size() != kLength || !name.ends_with(kEnding)) continue;
    const auto number = parse_integer(std::string_view(name).substr(0, kNumberDigits));
    if (!number || *number < 0) continue;
    out.push_back({file, static_cast<std::uint64_t>(*number), name.substr(kNumberDigits + 1, kDigestDigits)});
  }
  std::sort(out.begin(), out.end(), [](const Waiting& a, const Waiting& b) { return a.number < b.number; });
  return out;
}

Result<std::size_t> Spool::waiting() const {
  SIGNALBOX_TRY(const std::vector<Waiting> all, line());
  return all.size();
}

Status Spool::keep(const std::vector<std::string>& envelopes) {
  SIGNALBOX_TRY(const FileDescriptor held, lock(folder_));
  SIGNALBOX_TRY(std::vector<Waiting> all, line());
  if (all.size() + envelopes.size() > kMaxSpooled) {
    return fail(ErrorKind::unavailable,
                fmt::format("{}: {} envelopes wait already, and at most {} may", folder_.string(), all.size(),
                            kMaxSpooled),
                "let the log take them: signalbox evidence log drain");
  }
  std::uint64_t number = all.empty() ? 0 : all.back().number;
  std::vector<fs::path> written;
  for (const std::string& envelope : envelopes) {
    std::string digest = to_hex(sha256(envelope));
    const bool waits =
        std::any_of(all.begin(), all.end(), [&](const Waiting& one) { return one.digest == digest; });
    if (waits) continue;
    const fs::path file = folder_ / name_of(++number, digest);
    written.push_back(file);
    if (Status kept = write_file_atomically(file, envelope, kOwnerOnly); !kept) {
      for (const fs::path& one : written) (void)remove_if_there(one);
      return kept;
    }
    all.push_back({file, number, std::move(digest)});
  }
  return {};
}

// What the files hold. One that is not what its name says is put aside and leaves the batch.
Result<std::vector<std::string>> Spool::read(std::vector<Waiting>& batch, Drained& drained) const {
  std::vector<std::string> out;
  std::vector<Waiting> good;
  std::size_t bytes = 0;
  for (Waiting& one : batch) {
    auto octets = read_file(one.file, kMaxEnvelopeBytes);
    if (!octets && octets.error().kind != ErrorKind::bad_input) return fail(octets.error());
    if (!octets || to_hex(sha256(*octets)) != one.digest) {
      SIGNALBOX_CHECK(put_aside(one.file));
      drained.put_aside.push_back(one.file.filename().string() + ": is not what was kept; it was changed");
      continue;
    }
    bytes += octets->size();
    if (!out.empty() && bytes > kMaxBytesAtOnce) break;
    out.push_back(std::move(*octets));
    good.push_back(std::move(one));
  }
  batch = std::move(good);
  return out;
}

Status Spool::log_one_by_one(const std::vector<Waiting>& batch, const std::vector<std::string>& envelopes,
                             const Log& log, Drained& drained) const {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    Status logged = log({envelopes[i]});
    if (!logged && logged.error().kind != ErrorKind::bad_input) return logged;
    if (logged) {
      ++drained.logged;
      SIGNALBOX_CHECK(remove_if_there(batch[i].file));
      continue;
    }
    SIGNALBOX_CHECK(put_aside(batch[i].file));
    drained.put_aside.push_back(batch[i].file.filename().string() + ": " + logged.error().message);
  }
  return {};
}

Result<Spool::Drained> Spool::drain(const Log& log) {
  Drained out;
  SIGNALBOX_TRY(const std::size_t there, waiting());
  if (there == 0) return out;
  SIGNALBOX_TRY(const FileDescriptor held, lock(folder_));
  for (;;) {
    SIGNALBOX_TRY(std::vector<Waiting> batch, line());
    if (batch.empty()) return out;
    if (batch.size() > kMaxAtOnce) batch.resize(kMaxAtOnce);
    SIGNALBOX_TRY(const std::vector<std::string> envelopes, read(batch, out));
    if (envelopes.empty()) continue;
    const Status logged = log(envelopes);
    if (!logged && logged.error().kind == ErrorKind::bad_input) {
      SIGNALBOX_CHECK(log_one_by_one(batch, envelopes, log, out));
      continue;
    }
    SIGNALBOX_CHECK(logged);
    // One that comes back after a power cut is given to the log again, which knows it.
    for (const Waiting& one : batch) SIGNALBOX_CHECK(remove_if_there(one.file));
    out.logged += batch.size();
  }
}

}  // namespace signalbox::evidence

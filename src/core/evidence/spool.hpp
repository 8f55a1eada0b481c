// Signed envelopes that no log could take yet: kept in a folder, in order, each in a file of its own, until
// one does.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/config/workspace.hpp"

namespace signalbox::evidence {

inline constexpr std::size_t kMaxSpooled = 10'000;

// A file is named for its place in the line and the SHA-256 of what it holds. Several processes may share a
// spool; one at a time writes or drains it.
class Spool {
 public:
  explicit Spool(std::filesystem::path folder) : folder_(std::move(folder)) {}
  // That of a workspace for what goes to one store: `spool/` beside signalbox.db, another store's in a folder
  // of its own below it.
  static Spool of(const Workspace& workspace, const std::string& store);

  const std::filesystem::path& folder() const { return folder_; }

  // At the end of the line, each durable once this returns; what waits already is not kept twice. More than
  // kMaxSpooled in all: unavailable, and none is kept.
  Status keep(const std::vector<std::string>& envelopes);
  Result<std::size_t> waiting() const;

  struct Drained {
    std::size_t logged = 0;
    std::vector<std::string> put_aside;  // what no log will ever take, one line each; the files stay
  };
  // Gives all that waits to `log`, first come first, some at a time, and forgets what it took. Killed in
  // between, it gives some of it again: `log` has to know what it holds. An error of `log` other than
  // bad_input ends it, and what was not taken stays.
  using Log = std::function<Status(const std::vector<std::string>& envelopes)>;
  Result<Drained> drain(const Log& log);

 private:
  struct Waiting {
    std::filesystem::path file;
    std::uint64_t number = 0;
    std::string digest;
  };
  Result<std::vector<Waiting>> line() const;  // in order
  Result<std::vector<std::string>> read(std::vector<Waiting>& batch, Drained& drained) const;
  Status log_one_by_one(const std::vector<Waiting>& batch, const std::vector<std::string>& envelopes,
                        const Log& log, Drained& drained) const;

  std::filesystem::path folder_;
};

}  // namespace signalbox::evidence
